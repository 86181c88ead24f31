package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.DirectoryReader;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.MountEntry;
import dev.veneer.node.observe.MountTable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks through the processes in {@code /proc} for what they hold open: working directory, root, program, descriptors and
 * what is mapped into their memory.
 * A process that ends meanwhile is passed over. Costs some microseconds a descriptor on the machine, so it is asked only
 * when something is known to be held, or could be.
 */
final class HolderScan {
    /** More are not of interest to anybody who reads the message. */
    private static final int MOST = 20;

    /** {@code AT_STATX_DONT_SYNC}: take what is known, so that a dead network file system does not hang the scan. */
    private static final int DO_NOT_SYNC = 0x4000;

    private static final byte[] PROGRAM = PathBytes.of("exe");
    private static final byte[][] PLACES = {PathBytes.of("cwd"), PathBytes.of("root"), PROGRAM};
    private static final byte[] FD = PathBytes.of("fd");

    /** Decides by what a process has open. */
    interface Judge {
        /** Whether it counts. */
        boolean holds(OpenFile open) throws LinuxException;
    }

    private final LinuxCalls calls;
    private final MappedFiles mapped;

    HolderScan(LinuxCalls calls) {
        this.calls = calls;
        this.mapped = new MappedFiles(calls);
    }

    /** Who holds the topmost mount at a path of this namespace, and mounts below it. */
    List<Holder> ofMountAt(String target) throws LinuxException {
        List<Holder> holders = new ArrayList<>();
        MountTable table = MountTable.read(calls);
        MountEntry top = table.topmost(target);
        if (top == null) {
            return holders;
        }
        for (MountEntry below : table.below(target)) {
            holders.add(new Holder(1, "the mount table", below.target(), "mount"));
        }
        holders.addAll(find(open -> open.stat.mountId == top.id()));
        return holders;
    }

    private List<Holder> find(Judge judge) throws LinuxException {
        List<Holder> holders = new ArrayList<>();
        for (int pid : processes()) {
            Holder holder = first(pid, null, judge);
            if (holder != null) {
                holders.add(holder);
            }
            if (holders.size() >= MOST) {
                break;
            }
        }
        return holders;
    }

    /** All process numbers. */
    List<Integer> processes() throws LinuxException {
        List<Integer> pids = new ArrayList<>();
        try (Directory proc = Directory.open(calls, "/proc")) {
            for (byte[] name : proc.names()) {
                if (name[0] >= '1' && name[0] <= '9') {
                    pids.add(Integer.parseInt(new String(name, StandardCharsets.US_ASCII)));
                }
            }
        }
        return pids;
    }

    /**
     * The first thing that a process holds and that satisfies the judge, or null.
     *
     * @param devices {@code major:minor} of the file systems on which mapped files matter, as mount tables have them, or
     *     null for all
     */
    @Nullable
    Holder first(int pid, @Nullable Set<String> devices, Judge judge) throws LinuxException {
        long flags = Abi.O_RDONLY | Abi.O_DIRECTORY;
        try (Fd process = new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of("/proc/" + pid), flags, 0, 0))) {
            Statx open = new Statx();
            for (byte[] place : PLACES) {
                if (holds(process.number(), place, open, judge)) {
                    String how = new String(place, StandardCharsets.US_ASCII);
                    return new Holder(pid, command(pid), target(process.number(), place), how);
                }
            }
            try (Fd list = new Fd(calls, calls.openat2(process.number(), FD, flags, 0, 0))) {
                DirectoryReader reader = new DirectoryReader(calls);
                reader.start(list.number());
                while (reader.next()) {
                    byte[] name = reader.name();
                    if (holds(list.number(), name, open, judge)) {
                        return new Holder(pid, command(pid), target(list.number(), name), "open file");
                    }
                }
            }
            if (!runsProgram(process.number())) {
                return null;
            }
            for (OpenFile file : mapped.of(pid, devices)) {
                if (judge.holds(file)) {
                    return new Holder(pid, command(pid), PathBytes.show(file.path()), "mapped file");
                }
            }
            return null;
        } catch (LinuxException e) {
            if (isGone(e)) {
                return null;
            }
            throw e;
        }
    }

    /** Threads of the kernel, which are most of what is there, have no program, and no memory that files are mapped to. */
    private boolean runsProgram(int process) {
        try {
            calls.readlinkat(process, PROGRAM);
            return true;
        } catch (LinuxException e) {
            // Its path may be too long, or not for us to see.
            return !e.is(Errno.ENOENT);
        }
    }

    private boolean holds(int directory, byte[] link, Statx open, Judge judge) throws LinuxException {
        try {
            calls.statx(directory, link, DO_NOT_SYNC, Abi.STATX_BASIC_STATS | Abi.STATX_MNT_ID, open);
        } catch (LinuxException e) {
            if (e.is(Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM)) {
                throw e;
            }
            // Gone meanwhile, or what cannot be looked at, such as a dead FUSE mount: none of ours.
            return false;
        }
        return judge.holds(new OpenFile(calls, open, directory, link));
    }

    /** A process' name; {@code ?} when it is gone. */
    String command(int pid) throws LinuxException {
        byte[] path = PathBytes.of("/proc/" + pid + "/comm");
        try (Fd fd = new Fd(calls, calls.openat2(Abi.AT_FDCWD, path, Abi.O_RDONLY, 0, 0))) {
            ByteBuffer name = ByteBuffer.allocate(64);
            int length = calls.read(fd.number(), name);
            byte[] bytes = new byte[Math.max(length - 1, 0)];
            name.flip().get(bytes);
            return PathBytes.show(bytes);
        } catch (LinuxException e) {
            if (isGone(e)) {
                return "?";
            }
            throw e;
        }
    }

    /** Where a link of {@code /proc} points; {@code ?} when it is gone. */
    String target(int directory, byte[] link) throws LinuxException {
        try {
            return PathBytes.show(calls.readlinkat(directory, link));
        } catch (LinuxException e) {
            if (isGone(e)) {
                return "?";
            }
            throw e;
        }
    }

    /** Whether the error says that the process ended meanwhile, or was only a shell of one. */
    static boolean isGone(LinuxException e) {
        return e.is(Errno.ENOENT, Errno.ESRCH, Errno.EINVAL, Errno.EACCES);
    }

    /** For a message: the first few. */
    static String list(List<Holder> holders) {
        String first = holders.stream().limit(3).map(Holder::toString).collect(Collectors.joining(", "));
        return holders.size() > 3 ? first + " and others" : first;
    }
}
