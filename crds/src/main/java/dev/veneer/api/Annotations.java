package dev.veneer.api;

/** The annotations that Veneer reads, documented constants of the API. All take the value {@code "true"} but where said. */
public final class Annotations {
    /**
     * On a Sliver or BaseImage: what a node holds under its name is to be its own, though it is another object's (a restored
     * or rebuilt cluster) or a later generation's; where it was made before and is missing, it is made anew. On a NodeStore: the
     * same for all slivers of it, and the store may be another than the one that it was; the deletion of a Sliver removes what
     * is another object's only when the Sliver has the annotation itself.
     */
    public static final String ADOPT = "veneer.dev/adopt";
    /**
     * On a Sliver that is being deleted: its node will not come back, so the object goes without it. What the node holds stays
     * there as an orphan.
     */
    public static final String ABANDON = "veneer.dev/abandon";
    /** On a NodeStore: sources may lose more than half of their objects at once. */
    public static final String ALLOW_SHRINK = "veneer.dev/allow-shrink";
    /**
     * On a Sliver: any text; when it changes, its node looks at everything again and tries again what failed.
     * {@code status.lastHandledRequestAt} answers with the same text.
     */
    public static final String REQUESTED_AT = "veneer.dev/requestedAt";

    private Annotations() {}
}
