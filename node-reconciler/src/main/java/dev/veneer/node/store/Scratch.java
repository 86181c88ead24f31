package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.ScratchFile;
import dev.veneer.node.tree.TreeRemover;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The directory where drivers are tried. Its entries are named after the process that made them and removes them. */
final class Scratch {
    private static final Pattern OF_PROCESS = Pattern.compile("(?:probe-[a-z-]+|doctor)-([0-9]{1,10})(?:-[0-9]+)?");

    private Scratch() {}

    /** Removes what killed processes left; what a living one uses, or nobody of ours made, stays. */
    static void tidy(StoreFiles files, StoreLayout layout, List<String> notes) throws LinuxException {
        for (String name : files.list(StoreLayout.SCRATCH)) {
            Matcher matcher = OF_PROCESS.matcher(name);
            boolean left = matcher.matches() ? !lives(files, matcher.group(1)) : name.equals(ScratchFile.NAME);
            if (!left) {
                continue;
            }
            int scratch = new SafeOpen(files.calls()).ownDirectory(layout.absoluteScratch());
            try {
                new TreeRemover(files.calls()).remove(scratch, PathBytes.of(name), layout.absoluteScratch());
            } catch (NodeException e) {
                // Something is mounted there, which is not ours: no reason not to open the store.
                notes.add(String.valueOf(e.getMessage()));
            } finally {
                files.calls().close(scratch);
            }
        }
    }

    private static boolean lives(StoreFiles files, String process) throws LinuxException {
        // This process has only just opened the store: its number was another's before, as it always is in a container.
        if (process.equals(Long.toString(ProcessHandle.current().pid()))) {
            return false;
        }
        try {
            files.calls()
                    .statx(
                            Abi.AT_FDCWD,
                            PathBytes.of("/proc/" + process),
                            Abi.AT_SYMLINK_NOFOLLOW,
                            Abi.STATX_BASIC_STATS,
                            new Statx());
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }
}
