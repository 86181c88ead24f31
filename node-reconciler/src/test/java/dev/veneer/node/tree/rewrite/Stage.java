package dev.veneer.node.tree.rewrite;

import dev.veneer.node.driver.conformance.TreeText;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Btrfs;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.IdentityWriter;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeCopier;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreeManifest;
import dev.veneer.node.tree.TreeRemover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Bases, stores and mounted views of one test case in a directory, and what is open of them; all goes with it. */
public final class Stage implements AutoCloseable {
    private final LinuxCalls calls;
    public final Path directory;
    public final int scratch;
    private final List<Path> mounts = new ArrayList<>();
    private final List<Integer> open = new ArrayList<>();

    /** @param directory which does not exist yet */
    public Stage(LinuxCalls calls, Path directory) throws Exception {
        this.calls = calls;
        this.directory = Files.createDirectory(directory);
        scratch = open(Files.createDirectory(directory.resolve("scratch")));
    }

    public Path make(String name) throws Exception {
        return Files.createDirectory(directory.resolve(name));
    }

    /** A tree that starts as another: a snapshot where it can be one, else a copy. */
    public Path cloned(Path tree, String name) throws Exception {
        int from = open(tree);
        Btrfs btrfs = new Btrfs(calls);
        if (btrfs.isOn(from)) {
            btrfs.snapshot(from, open(directory), PathBytes.of(name));
            return directory.resolve(name);
        }
        Path made = make(name);
        new TreeCopier(calls).copy(from, open(made));
        return made;
    }

    /** A directory of which {@link #cloned} can make snapshots. */
    public Path makeTop(String name) throws Exception {
        int at = open(directory);
        Btrfs btrfs = new Btrfs(calls);
        if (!btrfs.isOn(at)) {
            return make(name);
        }
        btrfs.createSubvolume(at, PathBytes.of(name));
        return directory.resolve(name);
    }

    public int open(Path path) throws Exception {
        int fd = new SafeOpen(calls).ownDirectory(path.toString());
        open.add(fd);
        return fd;
    }

    public void forget(int... fds) {
        for (int fd : fds) {
            calls.close(fd);
            open.remove((Integer) fd);
        }
    }

    /** A base's records, by a manifest that is read from its tree. */
    public BaseRecords records(Path tree) throws Exception {
        return records(tree, tree.getFileName().toString());
    }

    /** The same, once more. */
    public BaseRecords records(Path tree, String name) throws Exception {
        Path file = directory.resolve(name + ".manifest");
        int fd = calls.openat2(
                Abi.AT_FDCWD, PathBytes.of(file.toString()), Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, 0);
        try {
            new TreeManifest(calls, TreeLimits.DEFAULT).write(open(tree), fd, scratch);
        } finally {
            calls.close(fd);
        }
        ManifestReader manifest = ManifestReader.open(
                calls, open(directory), PathBytes.of(file.getFileName().toString()));
        return new BaseRecords(manifest, BaseLinks.of(manifest));
    }

    public Path mount(String name, Path lower, Path upper, String options) throws Exception {
        Path at = make(name);
        Path work = make(name + "-work");
        String data = "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work + "," + options
                // Nothing has to outlive the test: without it, each unmounting waits for the disk.
                + ",volatile";
        calls.mount(PathBytes.of("test"), PathBytes.of(at.toString()), PathBytes.of("overlay"), 0, PathBytes.of(data));
        mounts.add(at);
        return at;
    }

    /** Whoever looks through all processes' files, as another test may, holds this mount for a moment too. */
    public void unmount(Path at) throws LinuxException {
        for (int attempt = 1; ; attempt++) {
            try {
                calls.umount2(PathBytes.of(at.toString()), 0);
                mounts.remove(at);
                return;
            } catch (LinuxException e) {
                if (!e.is(Errno.EBUSY) || attempt == 100) {
                    throw e;
                }
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    public Map<String, String> text(Path root) {
        Map<String, String> text = new TreeMap<>();
        TreeText.of(calls, root.toString(), Long.MAX_VALUE)
                .forEach((path, line) ->
                        text.put(path, line.identity() + (line.group().contains(", ") ? " " + line.group() : "")));
        return text;
    }

    @Override
    public void close() throws IOException, LinuxException, NodeException {
        for (int fd : open) {
            calls.close(fd);
        }
        for (Path mount : List.copyOf(mounts)) {
            unmount(mount);
        }
        new TreeRemover(calls).empty(directory.toString());
        Files.delete(directory);
    }

    /** An empty upper directory, described as the base's root. */
    public Path likeRoot(Path base, String name) throws Exception {
        Path upper = make(name);
        Statx root = new Statx();
        calls.statx(Abi.AT_FDCWD, PathBytes.of(base.toString()), 0, Abi.STATX_BASIC_STATS, root);
        int fd = open(upper);
        new IdentityWriter(calls, true)
                .write(
                        fd,
                        LayerEntry.read(calls, false, open(base), PathBytes.EMPTY, root)
                                .identity());
        return upper;
    }
}
