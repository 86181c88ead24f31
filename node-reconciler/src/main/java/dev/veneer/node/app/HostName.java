package dev.veneer.node.app;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** This node's name: what {@code $VENEER_NODE} says, else the host's name, as Kubernetes takes it. */
final class HostName {
    private HostName() {}

    static String read(LinuxCalls calls) {
        String given = System.getenv("VENEER_NODE");
        if (given != null && !given.isBlank()) {
            return given.strip();
        }
        try {
            int fd = calls.openat2(Abi.AT_FDCWD, PathBytes.of("/proc/sys/kernel/hostname"), Abi.O_RDONLY, 0, 0);
            try {
                ByteBuffer buffer = ByteBuffer.allocateDirect(256);
                int count = calls.read(fd, buffer);
                byte[] bytes = new byte[Math.max(0, count)];
                buffer.flip();
                buffer.get(bytes);
                String name =
                        new String(bytes, StandardCharsets.US_ASCII).strip().toLowerCase(Locale.ROOT);
                return name.isEmpty() ? "localhost" : name;
            } finally {
                calls.close(fd);
            }
        } catch (LinuxException e) {
            // Without /proc there is no mount table either: the first pass will say so.
            return "localhost";
        }
    }
}
