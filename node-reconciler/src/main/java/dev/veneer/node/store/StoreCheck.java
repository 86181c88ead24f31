package dev.veneer.node.store;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.SliverId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * Looks for damage in a store, also in one that cannot be opened any more. Takes no lock and writes nothing to the
 * store; beside a running agent, what looks left over is taken for work going on and not told.
 */
public final class StoreCheck {
    private final LinuxCalls calls;
    private final StoreLayout layout;

    public StoreCheck(LinuxCalls calls, String root) {
        this.calls = calls;
        this.layout = new StoreLayout(root);
    }

    /**
     * Checks everything.
     *
     * @param contents whether every file of the bases is read and compared with its manifest
     * @param progress is told which base is being read, and how many are to be read in all
     * @throws NodeException when there is no store at all, or the disk fails
     */
    public List<Finding> run(boolean contents, BiConsumer<Digest, Integer> progress) throws NodeException {
        int root = -1;
        try {
            root = calls.openat2(Abi.AT_FDCWD, PathBytes.of(layout.root()), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
            StoreFiles files = new StoreFiles(calls, root);
            if (!looksLikeAStore(files)) {
                throw new NodeException(
                        Reason.Failed, Follow.STALLED, layout.root() + " is no store: none of its parts is there");
            }
            CheckReport report = new CheckReport(layout, StoreLock.isHeld(files));
            return check(files, report, contents, progress);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "checking the store", layout.root());
        } finally {
            if (root >= 0) {
                calls.close(root);
            }
        }
    }

    static boolean looksLikeAStore(StoreFiles files) throws LinuxException {
        return files.exists(StoreLayout.FORMAT)
                || (files.exists(StoreLayout.SLIVERS) && files.exists(StoreLayout.BASES));
    }

    private List<Finding> check(
            StoreFiles files, CheckReport report, boolean contents, BiConsumer<Digest, Integer> progress)
            throws LinuxException, NodeException {
        UUID id = null;
        try {
            StoreFormat.Header header = StoreFormat.read(files, layout);
            if (header == null) {
                report.add(
                        Finding.Kind.FormatMissing,
                        null,
                        StoreLayout.FORMAT,
                        "the file that says what this directory is, is lost; nothing opens the store without it",
                        "`veneer store check --repair` writes it anew");
            } else if (header.version() != StoreFormat.CURRENT) {
                report.add(
                        Finding.Kind.FormatUnknown,
                        null,
                        StoreLayout.FORMAT,
                        "the store has format " + header.version() + ", this check knows " + StoreFormat.CURRENT,
                        "check it with the version of Veneer that it belongs to");
                return report.findings();
            } else {
                id = header.id();
            }
        } catch (NodeException e) {
            report.add(
                    Finding.Kind.FormatDamaged,
                    null,
                    StoreLayout.FORMAT,
                    String.valueOf(e.getMessage()),
                    "`veneer store check --repair` writes it anew");
        }
        checkTop(files, report);
        StoreView view = new StoreScanner(files, layout, new HashMap<>()).scan(true);
        new SliverCheck(files, layout, report).run(view);
        new BaseCheck(files, layout, report).run(view, contents, progress);
        checkTrash(files, report);
        if (id != null) {
            checkIndex(files, report, view, id);
        }
        return report.findings();
    }

    private static void checkTop(StoreFiles files, CheckReport report) throws LinuxException {
        Statx stat = new Statx();
        for (String directory : StoreLayout.DIRECTORIES) {
            if (files.stat(directory, stat) && stat.isDirectory()) {
                checkMode(files, report, directory, StoreLayout.modeOf(directory));
            } else {
                report.add(
                        Finding.Kind.DirectoryMissing,
                        null,
                        directory,
                        "a directory of the store is missing, with all that was in it",
                        "`veneer store check --repair` makes it anew, empty");
            }
        }
        for (String name : files.list("")) {
            if (name.startsWith(StoreLayout.UNFINISHED)) {
                unfinished(report, name);
            } else if (StoreLayout.FURTHER.contains(name) && files.stat(name, stat) && stat.isDirectory()) {
                checkMode(files, report, name, StoreLayout.modeOf(name));
            } else if (!StoreLayout.DIRECTORIES.contains(name)
                    && !StoreLayout.FILES.contains(name)
                    && !name.equals(StoreLayout.LOST_AND_FOUND)) {
                report.foreign(name);
            }
        }
        for (String directory :
                List.of(StoreLayout.IMAGES, StoreLayout.SOURCES, StoreLayout.STATUS, StoreLayout.DECLARED)) {
            for (String name : files.list(directory)) {
                String path = directory + "/" + name;
                if (name.startsWith(StoreLayout.UNFINISHED)) {
                    unfinished(report, path);
                } else if (!name.endsWith(".json") && !path.equals(StoreLayout.DECLARED + "/" + StoreLayout.HEARD)) {
                    report.foreign(path);
                }
            }
        }
    }

    static void unfinished(CheckReport report, String path) {
        report.add(
                Finding.Kind.Unfinished,
                null,
                path,
                "a file that an interrupted run had begun to write",
                "nothing: it is overwritten when needed; `veneer store check --repair` removes it");
    }

    /** Directories of ours are root's and closed to others, or what is in them lies open. */
    static void checkMode(StoreFiles files, CheckReport report, String path, int mode) throws LinuxException {
        Statx stat = new Statx();
        if (files.stat(path, stat) && ((stat.mode & 07777) != mode || stat.uid != 0)) {
            report.add(
                    Finding.Kind.WrongMode,
                    null,
                    path,
                    String.format(
                            "has mode %04o and owner %d instead of %04o and root: others could reach what is in it",
                            stat.mode & 07777, stat.uid, mode),
                    "`veneer store check --repair` sets it");
        }
    }

    private static void checkTrash(StoreFiles files, CheckReport report) throws LinuxException {
        for (String directory : List.of(StoreLayout.TRASH, StoreLayout.STAGING, StoreLayout.JOURNAL)) {
            for (String name : files.list(directory)) {
                String path = directory + "/" + name;
                boolean ours =
                        switch (directory) {
                            case StoreLayout.TRASH -> isDirectory(files, path) && TrashEntry.parse(path) != null;
                            case StoreLayout.STAGING -> isDirectory(files, path);
                            default -> name.endsWith(".json") && !isDirectory(files, path);
                        };
                if (!ours) {
                    report.foreign(path);
                    continue;
                }
                report.add(
                        Finding.Kind.TrashWaiting,
                        null,
                        path,
                        "left over from removed things or interrupted work",
                        "nothing: the next `veneer apply` or the agent removes it");
            }
        }
    }

    private static boolean isDirectory(StoreFiles files, String path) throws LinuxException {
        Statx stat = new Statx();
        return files.stat(path, stat) && stat.isDirectory();
    }

    private static void checkIndex(StoreFiles files, CheckReport report, StoreView view, UUID id)
            throws LinuxException {
        byte[] content;
        try {
            content = files.read(StoreLayout.INDEX, 1 << 29);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return; // only a cache
            }
            throw e;
        }
        String rebuild = "`veneer store rebuild-index` or `veneer store check --repair` makes it anew";
        Map<SliverId, Index.Entry> entries;
        try {
            entries = Index.decode(content, id);
        } catch (BadRecordException | java.nio.BufferUnderflowException e) {
            report.add(
                    Finding.Kind.IndexDamaged,
                    null,
                    StoreLayout.INDEX,
                    "the index is not used: " + e.getMessage(),
                    rebuild);
            return;
        }
        long stale = entries.values().stream()
                .filter(entry -> {
                    StoredSliver stored = view.slivers().get(entry.record().id());
                    return stored == null || !stored.record().equals(entry.record());
                })
                .count();
        long absent = view.slivers().keySet().stream()
                .filter(sliver -> !entries.containsKey(sliver))
                .count();
        if (stale + absent > 0) {
            report.add(
                    Finding.Kind.IndexStale,
                    null,
                    StoreLayout.INDEX,
                    stale + " of its entries are old and " + absent + " are missing: the next start is slower",
                    rebuild);
        }
    }
}
