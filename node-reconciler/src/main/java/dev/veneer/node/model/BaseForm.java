package dev.veneer.node.model;

/** The forms in which a base image can lie in a store; made on demand, several at once, from each other. */
public enum BaseForm {
    /** A plain directory tree, {@code bases/<digest>/dir}. */
    DIR("dir"),
    /** A read-only btrfs subvolume, {@code bases/<digest>/subvol}. */
    SUBVOL("subvol");

    private final String fileName;

    BaseForm(String fileName) {
        this.fileName = fileName;
    }

    /** Its name below the base's directory. */
    public String fileName() {
        return fileName;
    }
}
