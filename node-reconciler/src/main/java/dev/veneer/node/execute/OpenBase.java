package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.rewrite.BaseRecords;

/** A base image of the store, open: its manifest and its tree. For one thread at a time. */
final class OpenBase implements AutoCloseable {
    private final Fd directory;
    private final ManifestReader reader;
    private final BaseRecords records;
    private final Fd tree;

    private OpenBase(Fd directory, ManifestReader reader, BaseRecords records, Fd tree) {
        this.directory = directory;
        this.reader = reader;
        this.records = records;
        this.tree = tree;
    }

    /**
     * Opens one.
     *
     * @param bases what is known of it already
     * @throws NodeException {@code Damaged} when its manifest is, or when one of the two is missing
     */
    static OpenBase open(LinuxCalls calls, StoreLayout layout, KnownBases bases, Digest digest, BaseForm form)
            throws LinuxException, NodeException {
        SafeOpen open = new SafeOpen(calls);
        String manifest = layout.absoluteManifest(digest);
        int slash = manifest.lastIndexOf('/');
        Fd directory = directory(calls, open, "base " + digest, manifest.substring(0, slash));
        ManifestReader reader = null;
        boolean done = false;
        try {
            reader = manifest(calls, directory, digest, manifest);
            BaseRecords records = new BaseRecords(reader, bases.links(digest, reader));
            Fd tree = directory(
                    calls, open, "form " + form.fileName() + " of base " + digest, layout.absoluteForm(digest, form));
            done = true;
            return new OpenBase(directory, reader, records, tree);
        } finally {
            if (!done) {
                if (reader != null) {
                    reader.close();
                }
                directory.close();
            }
        }
    }

    private static Fd directory(LinuxCalls calls, SafeOpen open, String what, String path)
            throws LinuxException, NodeException {
        try {
            return new Fd(calls, open.ownDirectory(path));
        } catch (LinuxException e) {
            throw Failures.missing(e, what, path);
        }
    }

    private static ManifestReader manifest(LinuxCalls calls, Fd directory, Digest digest, String path)
            throws LinuxException, NodeException {
        try {
            return ManifestReader.open(
                    calls, directory.number(), PathBytes.of(path.substring(path.lastIndexOf('/') + 1)));
        } catch (LinuxException e) {
            throw Failures.missing(e, "the manifest of base " + digest, path);
        }
    }

    BaseRecords records() {
        return records;
    }

    /** The tree's root directory. */
    int tree() {
        return tree.number();
    }

    @Override
    public void close() {
        tree.close();
        reader.close();
        directory.close();
    }
}
