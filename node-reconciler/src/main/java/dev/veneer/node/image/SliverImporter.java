package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.rewrite.ChangeReader;

/** Imports what a sliver sees: its whole tree, or its base's with its changes laid over it. */
final class SliverImporter {
    private final ImportSession session;
    private final TreeWriter writer;
    private final int staging;

    /** @param staging descriptor of the staging directory */
    SliverImporter(ImportSession session, TreeWriter writer, int staging) {
        this.session = session;
        this.writer = writer;
        this.staging = staging;
    }

    /** @param shown the sliver, for messages */
    void run(SliverTree sliver, String shown) throws LinuxException, NodeException {
        SliverTree.Over over = sliver.over();
        DirectoryImporter files = new DirectoryImporter(session, writer, staging);
        if (over == null) {
            files.copy(sliver.tree(), shown);
            return;
        }
        files.copy(over.base(), "the base image of " + shown);
        new ChangeReader(session.calls(), over.records(), staging)
                .read(over.change(), sliver.tree(), over.upper(), false, new Laying(files));
    }

    private final class Laying implements ChangeReader.Visitor {
        private final DirectoryImporter files;

        Laying(DirectoryImporter files) {
            this.files = files;
        }

        private Metadata metadata(byte[] path, Identity identity) throws NodeException {
            return new Metadata(
                    identity.permissions(),
                    identity.uid(),
                    identity.gid(),
                    identity.mtimeSec(),
                    identity.mtimeNsec(),
                    identity.flags(),
                    session.keep(path, identity.type(), identity.xattrs()));
        }

        @Override
        public void directory(byte[] path, Identity identity, boolean whole) throws LinuxException, NodeException {
            session.entry(path);
            writer.directory(path, metadata(path, identity));
        }

        @Override
        public void file(byte[] path, Identity identity, int parent) throws LinuxException, NodeException {
            session.entry(path);
            Metadata metadata = metadata(path, identity);
            switch (identity.type()) {
                case REGULAR -> files.file(path, parent, metadata);
                case SYMLINK -> writer.symlink(path, metadata, identity.target().array());
                case DIRECTORY -> throw new IllegalStateException("a directory is told as one");
                case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO, SOCKET ->
                    writer.special(path, metadata, identity.type(), identity.deviceMajor(), identity.deviceMinor());
            }
        }

        @Override
        public void link(byte[] path, byte[] first, Identity identity) throws LinuxException, NodeException {
            session.entry(path);
            writer.hardLink(path, first);
        }

        @Override
        public void gone(byte[] path) throws LinuxException, NodeException {
            byte[] directory = TreePath.parent(path);
            int parent = writer.directories().reach(directory, directory.length, (at, name, missing) -> {
                throw new LinuxException("openat2", Errno.ENOENT, TreePath.show(missing));
            });
            writer.clear(parent, TreePath.name(path), path);
        }
    }
}
