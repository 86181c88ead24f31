package dev.veneer.node.image;

/** Hears how an import goes on, on the importing thread. */
public interface ImportListener {
    /** Hears nothing and never cancels. */
    ImportListener NONE = progress -> {};

    /** Called some times a second. */
    void progress(ImportProgress progress);

    /** Asked between entries: whether to give up. */
    default boolean cancelled() {
        return false;
    }
}
