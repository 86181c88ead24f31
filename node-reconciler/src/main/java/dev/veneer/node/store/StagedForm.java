package dev.veneer.node.store;

import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import java.util.Optional;

/**
 * A further form of a base that is being made. It lies in the base's own directory under another name, since a
 * read-only subvolume can be renamed but not moved to another directory.
 *
 * @param digest of which base
 * @param form which form
 * @param batch the batch that makes it
 */
record StagedForm(Digest digest, BaseForm form, String batch) {
    /** Its name until it is published. */
    String fileName() {
        return StoreLayout.UNFINISHED + form.fileName() + "." + batch;
    }

    /** The batch in such a name; empty when the name is none. */
    static Optional<String> batchOf(String name) {
        int dot = name.indexOf('.', 1);
        boolean staged = false;
        for (BaseForm form : BaseForm.values()) {
            staged |= name.startsWith(StoreLayout.UNFINISHED + form.fileName() + ".");
        }
        return staged ? Optional.of(name.substring(dot + 1)) : Optional.empty();
    }

    /** The form in such a path. */
    static BaseForm formOf(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.startsWith(StoreLayout.UNFINISHED + BaseForm.SUBVOL.fileName() + ".")
                ? BaseForm.SUBVOL
                : BaseForm.DIR;
    }
}
