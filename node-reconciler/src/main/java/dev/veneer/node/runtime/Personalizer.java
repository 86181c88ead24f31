package dev.veneer.node.runtime;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.DurableFiles;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.IdRange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives an instance of a sliver what must not be shared with its siblings from the same base: host name, machine id and
 * SSH host keys.
 *
 * <p>The tree belongs to somebody else: it is entered by descriptors only, no link in it is followed, no mount in it is
 * crossed, and files are replaced by renaming, which replaces a link too instead of writing through it. Doing it twice
 * does no harm, so an interrupted run is simply repeated.
 */
final class Personalizer {
    private static final Pattern HOST_KEY = Pattern.compile("ssh_host_[a-z0-9_-]+_key(\\.pub)?");
    private static final int LARGEST_HOSTS = 1 << 16;

    private final LinuxCalls calls;
    private final DurableFiles durable;
    private final SecureRandom random;

    Personalizer(LinuxCalls calls, SecureRandom random) {
        this.calls = calls;
        this.durable = new DurableFiles(calls);
        this.random = random;
    }

    /**
     * Writes the personal files into a mounted rootfs and makes them durable.
     *
     * @param rootfs absolute path of the mount
     * @param range the ids that the view is mapped to, or null
     */
    void personalize(String rootfs, @Nullable IdRange range, String hostname) throws LinuxException {
        MappedThread.run(calls, range, () -> {
            try (Directory root = Directory.open(calls, rootfs)) {
                inRoot(root, hostname);
            }
        });
    }

    private void inRoot(Directory root, String hostname) throws LinuxException {
        try (Directory etc = below(root, "etc")) {
            if (etc == null) {
                return;
            }
            replace(etc, "hostname", text(hostname + "\n"), 0644);
            String hosts = regularFile(etc, "hosts");
            if (hosts != null) {
                replace(etc, "hosts", text(HostsFile.adapt(hosts, hostname)), 0644);
            }
            byte[] machineId = machineId();
            replace(etc, "machine-id", machineId, 0444);
            dbus(root, machineId);
            try (Directory ssh = below(etc, "ssh")) {
                if (ssh != null) {
                    sshKeys(ssh, hostname);
                }
            }
            calls.fsync(etc.number());
        }
    }

    /** A copy of its own, where the image has one instead of the usual link to {@code /etc/machine-id}. */
    private void dbus(Directory root, byte[] machineId) throws LinuxException {
        try (Directory var = below(root, "var");
                Directory lib = var == null ? null : below(var, "lib");
                Directory dbus = lib == null ? null : below(lib, "dbus")) {
            if (dbus != null && type(dbus, "machine-id") == Abi.S_IFREG) {
                replace(dbus, "machine-id", machineId, 0444);
                calls.fsync(dbus.number());
            }
        }
    }

    private void sshKeys(Directory ssh, String hostname) throws LinuxException {
        for (byte[] bytes : ssh.names()) {
            String name = new String(bytes, StandardCharsets.ISO_8859_1);
            if (HOST_KEY.matcher(name).matches() && type(ssh, name) != Abi.S_IFDIR) {
                calls.unlinkat(ssh.number(), bytes, 0);
            }
        }
        if (type(ssh, "sshd_config") != 0) {
            for (Map.Entry<String, byte[]> file : SshHostKeys.generate(
                            EnumSet.allOf(SshHostKeys.Kind.class), "root@" + hostname, random)
                    .entrySet()) {
                replace(ssh, file.getKey(), file.getValue(), file.getKey().endsWith(".pub") ? 0644 : 0600);
            }
        }
        calls.fsync(ssh.number());
    }

    /** 128 random bits, of the form of a version 4 UUID as {@code machine-id(5)} wants it. */
    private byte[] machineId() {
        byte[] id = new byte[16];
        random.nextBytes(id);
        id[6] = (byte) ((id[6] & 0x0f) | 0x40);
        id[8] = (byte) ((id[8] & 0x3f) | 0x80);
        return text(HexFormat.of().formatHex(id) + "\n");
    }

    /** The directory of this name, or null when there is none. A link or a mount in its place is an error. */
    private static @Nullable Directory below(Directory parent, String name) throws LinuxException {
        try {
            return parent.openDirectory(PathBytes.of(name));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
    }

    /** The file's type bits, 0 when there is none. */
    private static int type(Directory dir, String name) throws LinuxException {
        Statx found = dir.lookUp(PathBytes.of(name));
        return found == null ? 0 : found.type();
    }

    /** The content of a regular file of sane size; empty when it is missing, null when it is anything else. */
    private @Nullable String regularFile(Directory dir, String name) throws LinuxException {
        int type = type(dir, name);
        if (type != Abi.S_IFREG) {
            return type == 0 ? "" : null;
        }
        // Between the look and the opening it may have become a FIFO: do not wait for a writer.
        try (Fd fd = dir.openFile(PathBytes.of(name), Abi.O_RDONLY | Abi.O_NONBLOCK, 0)) {
            ByteBuffer buffer = ByteBuffer.allocate(LARGEST_HOSTS);
            while (buffer.hasRemaining() && calls.read(fd.number(), buffer) > 0) {
                // read has moved the position
            }
            // ISO 8859-1 keeps every byte as it is, whatever the owner wrote.
            return buffer.hasRemaining()
                    ? new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1)
                    : null;
        }
    }

    private void replace(Directory dir, String name, byte[] content, int mode) throws LinuxException {
        durable.write(dir.number(), name, content, mode, DurableFiles.Durability.NOW);
        // What was asked for may have been narrowed by the umask; the name is ours and no link.
        try (Fd fd = dir.openFile(PathBytes.of(name), Abi.O_RDONLY | Abi.O_NONBLOCK, 0)) {
            calls.fchmod(fd.number(), mode);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
