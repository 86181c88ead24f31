package dev.veneer.node.app;

import dev.veneer.node.testkit.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A base image whose init writes two files one after the other, again and again; of the sliver {@code web}. */
final class GuestThatCounts {
    private GuestThatCounts() {}

    /** Packs it, and returns its URL. */
    static String pack(NodeOnLoop node) throws IOException {
        Path tree = Files.createDirectory(node.archives.resolve("counting"));
        List<String> names = List.of("bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "run", "root");
        for (String directory : names) {
            Files.createDirectories(tree.resolve(directory));
        }
        Files.copy(Path.of("/usr/bin/busybox"), tree.resolve("bin/busybox"));
        Files.createSymbolicLink(tree.resolve("bin/sh"), Path.of("busybox"));
        Files.createSymbolicLink(tree.resolve("bin/sleep"), Path.of("busybox"));
        Path init = Files.writeString(
                tree.resolve("sbin/init"),
                "#!/bin/sh\ntrap 'exit 0' PWR\ni=0; while :; do i=$((i+1)); echo $i > /count; echo $i > /again;"
                        + " sleep 0.02; done\n");
        Commands.run("chmod", "0755", init.toString());
        return node.pack("counting", tree, names);
    }

    /** How far it has come; 0 while it writes just that. */
    static int count(NodeOnLoop node) throws IOException {
        Path file = node.rootfs("web").resolve("count");
        String text = Files.exists(file) ? Files.readString(file).strip() : "";
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }
}
