package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.IdentityReader;
import dev.veneer.node.tree.LinkGroups;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import org.jspecify.annotations.Nullable;

/** Imports a directory of the node by walking and copying it; contents are shared where the file system can. */
final class DirectoryImporter {
    private final ImportSession session;
    private final LinuxCalls calls;
    private final TreeWriter writer;
    private final int staging;
    private final IdentityReader identities;
    private final ContentCopy contents;
    private @Nullable LinuxException writing;

    /** @param staging descriptor of the staging directory */
    DirectoryImporter(ImportSession session, TreeWriter writer, int staging) {
        this.session = session;
        this.calls = session.calls();
        this.writer = writer;
        this.staging = staging;
        this.identities = new IdentityReader(calls);
        this.contents = new ContentCopy(session);
    }

    void run(String path) throws LinuxException, NodeException {
        int root;
        try {
            root = calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
        } catch (LinuxException e) {
            throw unreadable(path, e);
        }
        try {
            copy(root, path);
        } finally {
            calls.close(root);
        }
    }

    /** @param path of the open directory, for messages */
    void copy(int root, String path) throws LinuxException, NodeException {
        Statx own = new Statx();
        calls.statx(staging, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, own);
        try (LinkGroups groups = new LinkGroups(calls, staging)) {
            new TreeWalker(calls, session.limits().tree()).walk(root, entry -> {
                boolean inside = entry.stat().ino == own.ino && entry.stat().dev() == own.dev();
                if (inside) {
                    throw Refusals.content(
                            path + " contains the store that it is imported into, at " + TreePath.show(entry.path()));
                }
                copy(entry, groups);
                return true;
            });
        } catch (LinuxException e) {
            if (e.equals(writing)) {
                throw e;
            }
            throw unreadable(path, e);
        }
        identities.dropped().forEach((family, count) -> session.leftOut("attribute " + family, count));
    }

    private static NodeException unreadable(String path, LinuxException e) {
        return new NodeException(
                Reason.FetchFailed, Follow.RETRY, "cannot read the directory " + path + ": " + e.getMessage(), e);
    }

    private void copy(TreeWalker.Entry entry, LinkGroups groups) throws LinuxException, NodeException {
        byte[] path = entry.path();
        session.entry(path);
        Statx stat = entry.stat();
        FileType type = FileType.ofMode(stat.mode);
        byte[] first = type == FileType.DIRECTORY ? null : groups.firstPath(stat, path);
        if (first != null) {
            writing(() -> writer.hardLink(path, first));
            return;
        }
        Metadata metadata = new Metadata(
                stat.mode & 07777,
                stat.uid,
                stat.gid,
                stat.mtimeSec,
                stat.mtimeNsec,
                IdentityReader.flags(stat),
                session.keep(path, type, identities.xattrs(entry)));
        switch (type) {
            case DIRECTORY -> writing(() -> writer.directory(path, metadata));
            case REGULAR -> file(path, contents.open(entry), stat.size, metadata);
            case SYMLINK -> {
                byte[] target = calls.readlinkat(entry.parent(), entry.name());
                writing(() -> writer.symlink(path, metadata, target));
            }
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO, SOCKET -> {
                int major = stat.rdevMajor;
                int minor = stat.rdevMinor;
                writing(() -> writer.special(path, metadata, type, major, minor));
            }
        }
    }

    /** Copies a regular file from an open directory. */
    void file(byte[] path, int parent, Metadata metadata) throws LinuxException, NodeException {
        Statx stat = new Statx();
        ContentCopy.Source source = contents.open(parent, path, stat);
        file(path, source, stat.size, metadata);
    }

    private void file(byte[] path, ContentCopy.Source opened, long size, Metadata metadata)
            throws LinuxException, NodeException {
        try (ContentCopy.Source source = opened) {
            session.reserve(path, size);
            writing(() -> {
                FileWriter file = writer.beginFile(path, metadata, size);
                contents.copy(source, file);
                writer.endFile(path);
            });
            source.requireUnchanged();
        }
    }

    private interface Writing {
        void run() throws LinuxException, NodeException;
    }

    /** Remembers a failure of the store, to tell it from one of the source. */
    private void writing(Writing step) throws LinuxException, NodeException {
        try {
            step.run();
        } catch (LinuxException e) {
            writing = e;
            throw e;
        }
    }
}
