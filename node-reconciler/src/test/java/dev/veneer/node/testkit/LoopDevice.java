package dev.veneer.node.testkit;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A fresh file system on a loop device over a sparse image, mounted in a directory of its own below the temporary
 * directory. Closing unmounts everything below the mount point, frees the device and removes the files; what a test
 * forgets is cleaned when the JVM ends.
 *
 * <p>The image is in memory where there is much of it, since waits for a disk would be most of what many tests do: the
 * file system and what it writes and flushes, when, are the same. A power cut loses what the file system has not written
 * to its device, wherever that keeps it.
 */
public final class LoopDevice implements AutoCloseable {
    /** The kinds of file systems, with the smallest comfortable image size and the mkfs command. */
    public enum Kind {
        XFS(400, "mkfs.xfs -q -m reflink=1"),
        EXT4(160, "mkfs.ext4 -q -F -E lazy_itable_init=1"),
        BTRFS(400, "mkfs.btrfs -q");

        private final long mebibytes;
        private final String mkfs;

        Kind(long mebibytes, String mkfs) {
            this.mebibytes = mebibytes;
            this.mkfs = mkfs;
        }

        /** The type as {@code mount -t} has it. */
        public String type() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final long EXT4_AND_XFS_SHUTDOWN = 0x8004587DL;
    private static final int WITHOUT_LOG_FLUSH = 2;

    /** Of memory that is free: several devices at once, of which none is as full as it is large. */
    private static final long ENOUGH_MEBIBYTES = 6000;

    private static final Set<LoopDevice> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> List.copyOf(OPEN).forEach(LoopDevice::close)));
    }

    private final Kind kind;
    private final Path directory;
    private final Path image;
    private final Path mountPoint;
    private String device = "";
    private String options = "";

    private LoopDevice(Kind kind, Path directory) {
        this.kind = kind;
        this.directory = directory;
        this.image = directory.resolve("image");
        this.mountPoint = directory.resolve("fs");
        OPEN.add(this);
    }

    /** A mounted file system of the usual size. */
    public static LoopDevice create(Kind kind, String... mountOptions) {
        return create(kind, kind.mebibytes, mountOptions);
    }

    /** A mounted file system of the given size (sparse; XFS needs 300 MiB, btrfs 110 MiB). */
    public static LoopDevice create(Kind kind, long mebibytes, String... mountOptions) {
        LoopDevice made = new LoopDevice(kind, newDirectory());
        try {
            made.moveToMemory();
        } catch (AssertionError e) {
            made.close();
            throw e;
        }
        try (RandomAccessFile file = new RandomAccessFile(made.image.toFile(), "rw")) {
            file.setLength(mebibytes << 20);
            Commands.run((made.kind.mkfs + " " + made.image).split(" "));
            Files.createDirectory(made.mountPoint);
            made.attach();
            made.mount(mountOptions);
            return made;
        } catch (IOException e) {
            made.close();
            throw new UncheckedIOException(e);
        } catch (AssertionError e) {
            made.close();
            throw e;
        }
    }

    /** Has the files of this device in memory, if there is so much that others do not miss it. */
    private void moveToMemory() {
        if (availableMebibytes() > ENOUGH_MEBIBYTES) {
            Commands.run("mount", "-t", "tmpfs", "-o", "mode=711", "tmpfs", directory.toString());
        }
    }

    private static long availableMebibytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path newDirectory() {
        try {
            Path made = Files.createTempDirectory(Leftovers.PREFIX).toRealPath();
            // Mapped users of a sliver have to be able to pass.
            return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx--x--x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void attach() {
        device = Commands.run("losetup", "--find", "--show", image.toString());
    }

    /** Mounts it (again), with comma separated options or none. */
    public void mount(String... mountOptions) {
        options = Stream.of(mountOptions).filter(o -> !o.isEmpty()).collect(Collectors.joining(","));
        if (options.isEmpty()) {
            Commands.run("mount", "-t", kind.type(), device, mountPoint.toString());
        } else {
            Commands.run("mount", "-t", kind.type(), "-o", options, device, mountPoint.toString());
        }
    }

    /** Unmounts it and everything mounted below; fails when something holds it. */
    public void unmount() {
        for (String target : targetsBelow(mountPoint)) {
            Commands.run("umount", target);
        }
    }

    /**
     * A power cut: what was not made durable is lost; then the file system is mounted again with the same options.
     * Everything mounted from it must be unmountable. XFS and ext4 are shut down; btrfs has no such switch, and goes on
     * with a copy of what its disk holds now.
     */
    public void powerCut() {
        if (kind == Kind.BTRFS) {
            goOnWithCopy();
            return;
        }
        LinuxCalls calls = new JnrLinuxCalls();
        ByteBuffer flag = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(0, WITHOUT_LOG_FLUSH);
        try {
            int fd = calls.openat2(Abi.AT_FDCWD, PathBytes.of(mountPoint.toString()), Abi.O_RDONLY, 0, 0);
            try {
                calls.ioctl(fd, EXT4_AND_XFS_SHUTDOWN, flag);
            } finally {
                calls.close(fd);
            }
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
        unmount();
        mount(options);
        // A copy of the mount in somebody else's mount namespace keeps the dead super block; it goes with its owner.
        for (int tries = 0; tries < 100 && !isAlive(calls); tries++) {
            unmount();
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
            mount(options);
        }
    }

    private void goOnWithCopy() {
        Path copy = directory.resolve("copy");
        Commands.run("cp", "--sparse=always", image.toString(), copy.toString());
        unmount();
        Commands.run("losetup", "--detach", device);
        Commands.run("mv", copy.toString(), image.toString());
        attach();
        mount(options);
    }

    private boolean isAlive(LinuxCalls calls) {
        byte[] path = PathBytes.of(mountPoint + "/.alive");
        try {
            calls.mkdirat(Abi.AT_FDCWD, path, 0700);
            calls.unlinkat(Abi.AT_FDCWD, path, Abi.AT_REMOVEDIR);
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }

    /** The disk as a power cut at this moment would leave it (any kind), as a second device; this one goes on. */
    public LoopDevice copyOfNow() {
        LoopDevice copy = new LoopDevice(kind, newDirectory());
        try {
            copy.moveToMemory();
            Commands.run("cp", "--sparse=always", image.toString(), copy.image.toString());
            Files.createDirectory(copy.mountPoint);
            copy.attach();
            copy.mount(options, kind == Kind.XFS ? "nouuid" : "");
            return copy;
        } catch (IOException e) {
            copy.close();
            throw new UncheckedIOException(e);
        } catch (AssertionError e) {
            copy.close();
            throw e;
        }
    }

    /** Where it is mounted. */
    public Path mountPoint() {
        return mountPoint;
    }

    /** The block device, such as {@code /dev/loop7}. */
    public String device() {
        return device;
    }

    /** The image file. */
    public Path image() {
        return image;
    }

    /** What kind of file system it is. */
    public Kind kind() {
        return kind;
    }

    @Override
    public void close() {
        if (!OPEN.remove(this)) {
            return;
        }
        release(mountPoint);
        if (!device.isEmpty()) {
            Commands.tryRun("losetup", "--detach", device);
        }
        release(directory);
        for (Path path : List.of(image, directory.resolve("copy"), mountPoint, directory)) {
            path.toFile().delete();
        }
    }

    private static void release(Path top) {
        for (String target : targetsBelow(top)) {
            if (!Commands.tryRun("umount", target)) {
                Commands.tryRun("umount", "--lazy", target);
            }
        }
    }

    /** Mount points at or below a directory, the deepest and latest first. */
    private static List<String> targetsBelow(Path top) {
        return Leftovers.mountTargets().stream()
                .filter(target -> Path.of(target).startsWith(top))
                .sorted(Comparator.reverseOrder())
                .toList();
    }
}
