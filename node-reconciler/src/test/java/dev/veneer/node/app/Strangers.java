package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.testkit.Commands;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory, a file and a mount that are not Veneer's, in the store and beside it. */
final class Strangers {
    private final Path beside;
    private final Path inside;

    Strangers(Site site) throws Exception {
        beside = Files.createDirectory(site.home().resolve("strange"));
        Files.writeString(beside.resolve("file"), "beside");
        Path mount = Files.createDirectory(beside.resolve("mount"));
        Commands.run("mount", "-t", "tmpfs", "-o", "size=64k", "stranger", mount.toString());
        Files.writeString(mount.resolve("file"), "mounted");
        inside = site.rootfs("stranger");
    }

    /** Settles in the store, which a scenario may have made anew. */
    void settle() throws Exception {
        if (Files.exists(inside.getParent()) && !Files.exists(inside)) {
            Files.createDirectory(inside);
            Files.writeString(inside.resolve("file"), "inside");
        }
    }

    void assertUntouched() throws Exception {
        assertEquals("beside", Files.readString(beside.resolve("file")));
        assertEquals("mounted", Files.readString(beside.resolve("mount/file")));
        if (Files.exists(inside)) {
            assertEquals("inside", Files.readString(inside.resolve("file")));
        }
    }
}
