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
import dev.veneer.node.tree.rewrite.BaseLinks;
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
     * @throws NodeException {@code Damaged} when its manifest is
     */
    static OpenBase open(LinuxCalls calls, StoreLayout layout, Digest digest, BaseForm form)
            throws LinuxException, NodeException {
        SafeOpen open = new SafeOpen(calls);
        String manifest = layout.absoluteManifest(digest);
        int slash = manifest.lastIndexOf('/');
        Fd directory = new Fd(calls, open.ownDirectory(manifest.substring(0, slash)));
        ManifestReader reader = null;
        boolean done = false;
        try {
            reader = ManifestReader.open(calls, directory.number(), PathBytes.of(manifest.substring(slash + 1)));
            BaseRecords records = new BaseRecords(reader, BaseLinks.of(reader));
            Fd tree = new Fd(calls, open.ownDirectory(layout.absoluteForm(digest, form)));
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
