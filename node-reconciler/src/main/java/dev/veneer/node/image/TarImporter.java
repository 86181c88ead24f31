package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.FileType;
import java.io.IOException;
import java.io.InputStream;

/** Writes the entries of one tar archive into the tree. */
final class TarImporter {
    /** Bytes that may follow an archive: padding of tapes and the like. */
    static final long MAX_TRAILER = 64L << 20;

    private final ImportSession session;
    private final TreeWriter writer;
    private final byte[] part = new byte[128 * 1024];

    TarImporter(ImportSession session, TreeWriter writer) {
        this.session = session;
        this.writer = writer;
    }

    /** What sees an entry's path before it is written. */
    interface Filter {
        /** Takes every entry. */
        Filter ALL = (path, entry) -> true;

        /** Whether the entry is to be written. */
        boolean accept(byte[] path, TarEntry entry) throws LinuxException, NodeException;
    }

    /** Reads the archive to its end, and the stream behind it, so that all checks of its form are made. */
    void run(InputStream in, Filter filter) throws LinuxException, NodeException {
        TarReader reader = new TarReader(in);
        try {
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                session.entry(entry.name);
                byte[] path = EntryPath.normalise(entry.name, session.limits());
                if (filter.accept(path, entry)) {
                    write(reader, entry, path);
                }
            }
            long trailer = 0;
            for (int count = 0; count >= 0; count = in.read(part, 0, part.length)) {
                trailer += count;
                if (trailer > MAX_TRAILER) {
                    throw Refusals.content("more than " + MAX_TRAILER + " bytes follow the archive's end marker");
                }
            }
        } catch (LinuxException e) {
            throw e;
        } catch (IOException e) {
            throw ReadAhead.explain(e);
        }
    }

    private void write(TarReader reader, TarEntry entry, byte[] path) throws IOException, NodeException {
        FileType type = entry.type;
        if (type == null) {
            writer.hardLink(path, EntryPath.normalise(entry.link, entry.name, session.limits()));
            return;
        }
        Metadata metadata = new Metadata(
                entry.permissions,
                entry.uid,
                entry.gid,
                entry.mtimeSec,
                entry.mtimeNsec,
                entry.inodeFlags,
                session.keep(entry.name, type, entry.xattrs));
        switch (type) {
            case DIRECTORY -> writer.directory(path, metadata);
            case REGULAR -> file(reader, entry, path, metadata);
            // A link's mode means nothing: the kernel shows all of them as 0777.
            case SYMLINK -> writer.symlink(path, metadata, entry.link);
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO, SOCKET ->
                writer.special(path, metadata, type, entry.deviceMajor, entry.deviceMinor);
        }
    }

    private void file(TarReader reader, TarEntry entry, byte[] path, Metadata metadata)
            throws IOException, NodeException {
        session.reserve(entry.name, entry.size);
        FileWriter file = writer.beginFile(path, metadata, entry.size);
        SparseMap map = entry.sparse;
        if (map == null) {
            copy(reader, file, entry.storedSize);
        } else {
            for (int i = 0; i < map.count(); i++) {
                file.hole(map.offset(i));
                copy(reader, file, map.length(i));
            }
        }
        writer.endFile(path);
    }

    private void copy(TarReader reader, FileWriter file, long length) throws IOException, NodeException {
        for (long left = length; left > 0; ) {
            int count = reader.read(part, 0, (int) Math.min(part.length, left));
            if (count < 0) {
                throw new IllegalStateException("the sizes of an entry were checked to agree");
            }
            file.write(part, 0, count);
            left -= count;
            if (left > 0) {
                session.checkpoint();
            }
        }
    }
}
