package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import org.jspecify.annotations.Nullable;

/**
 * A base that is being imported, in staging. The importer makes its tree at {@link #tree} and its manifest at
 * {@link #manifest}, and says at last with {@link #complete} what it has become; without that it is not published.
 */
public final class StagedBase {
    private final StoreFiles files;
    private final StoreLayout layout;
    private final String path;
    private @Nullable BaseRecord record;

    StagedBase(StoreFiles files, StoreLayout layout, String path) {
        this.files = files;
        this.layout = layout;
        this.path = path;
    }

    /** Absolute path of its staging directory, in which tree and manifest are made. */
    public String directory() {
        return layout.absolute(path);
    }

    /** Absolute path where the tree in this form is to be made; nothing is there yet. */
    public String tree(BaseForm form) {
        return layout.absolute(path + "/" + form.fileName());
    }

    /** Absolute path where the manifest is to be written; nothing is there yet. */
    public String manifest() {
        return layout.absolute(path + "/" + StoreLayout.MANIFEST);
    }

    /** The base is whole: the commit will publish it under its digest. */
    public void complete(BaseRecord base) throws NodeException {
        try {
            files.write(path + "/" + StoreLayout.META, RecordCodec.encode(base), false);
        } catch (LinuxException e) {
            throw StoreFault.of(e, "writing the record of base " + base.digest(), layout.absolute(path));
        }
        record = base;
    }

    String path() {
        return path;
    }

    @Nullable
    BaseRecord record() {
        return record;
    }
}
