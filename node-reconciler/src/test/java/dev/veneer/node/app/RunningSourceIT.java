package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exporting and promoting a sliver whose container runs: both wait, and say what to do. */
class RunningSourceIT {
    private static final List<String> TOPS =
            List.of("bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "run", "root", "var");

    private NodeOnLoop node;

    @BeforeEach
    void start() throws Exception {
        node = new NodeOnLoop(LoopDevice.Kind.XFS);
        node.write("base.yaml", NodeOnLoop.image("base", base()));
        declare("Started");
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
    }

    @AfterEach
    void end() throws IOException {
        try {
            Files.deleteIfExists(node.files.resolve("golden.yaml"));
            Files.delete(node.files.resolve("web.yaml"));
            node.apply("--allow-shrink");
        } finally {
            node.close();
        }
    }

    private String base() throws IOException {
        Path tree = Files.createDirectory(node.archives.resolve("tree"));
        for (String directory : TOPS) {
            Files.createDirectories(tree.resolve(directory));
        }
        Files.copy(Path.of("/usr/bin/busybox"), tree.resolve("bin/busybox"));
        Files.createSymbolicLink(tree.resolve("bin/sh"), Path.of("busybox"));
        Files.createSymbolicLink(tree.resolve("bin/sleep"), Path.of("busybox"));
        Path init = Files.writeString(
                tree.resolve("sbin/init"),
                "#!/bin/sh\necho written > /var/mark\ntrap 'exit 0' PWR; while :; do sleep 1; done\n");
        Commands.run("chmod", "0755", init.toString());
        return node.pack("base", tree, TOPS);
    }

    private void declare(String state) throws IOException {
        node.write("web.yaml", NodeOnLoop.sliver("web", "desiredState: " + state, "update: {grace: 5s}"));
    }

    private String digest(String image) throws Exception {
        NodeOnLoop.Said said = node.run("get", "baseimage", image, "-o", "json");
        return AgentSocket.JSON.readTree(said.text()).at("/status/digest").asText();
    }

    @Test
    void itIsStoppedFirst() throws Exception {
        Path layout = node.archives.resolve("layout");
        NodeOnLoop.Said said = node.run("export", "sliver", "web", "--to", layout.toString());
        assertEquals(4, said.status(), said.text());
        assertTrue(said.text().contains("desiredState: Deployed"), said.text());
        assertFalse(Files.exists(layout));

        String golden =
                "apiVersion: veneer.dev/v1alpha1\nkind: BaseImage\nmetadata: {name: %s}\nspec: {source: {%s}}\n";
        node.write("golden.yaml", golden.formatted("golden", "sliver: {name: web}"));
        said = node.apply();
        assertEquals(4, said.status(), said.text());
        assertTrue(said.text().contains("sliver default/web runs"), said.text());
        NodeOnLoop.Said described = node.run("describe", "baseimage", "golden");
        assertTrue(described.text().contains("stop it with desiredState: Deployed"), described.text());

        declare("Deployed");
        said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertTrue(digest("golden").startsWith("sha256:"));

        said = node.run("export", "sliver", "web", "--to", layout.toString());
        assertEquals(0, said.status(), said.text());
        node.write(
                "golden.yaml",
                golden.formatted("golden", "sliver: {name: web}"),
                golden.formatted("read", "ociLayout: {path: '" + layout + "'}"));
        said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertEquals(digest("golden"), digest("read"));
        // Its mount shows the container's ids; what is exported are the store's.
        String listing = Commands.run(
                "sh", "-c", "for l in " + layout + "/blobs/sha256/*; do tar -tvzf $l 2>/dev/null || true; done");
        assertTrue(listing.contains("var/mark"), listing);
        assertFalse(listing.contains("1000000"), listing);
        assertTrue(listing.contains(" 0/0 ") || listing.contains("root/root"), listing);
    }
}
