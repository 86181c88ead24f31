package dev.veneer.node.tree.merge;

/** What a rebase finds of a path, or of a record in a file that many packages or people share. */
public enum Verdict {
    /** The sliver's owner left it alone: it is as the new base has it. */
    FOLLOWED("followed"),
    /** Only the sliver's owner changed it: it stays. */
    KEPT("kept"),
    /** Both sides changed it to the same: it is no longer the sliver's. */
    CONVERGED("converged"),
    /** Both sides changed it, in ways that go together. */
    MERGED("merged"),
    /** The sliver's version is laid aside, since a conflict of a directory above it was settled for the new base. */
    DISPLACED("displaced"),
    /** Both sides changed it, differently. */
    BOTH_CHANGED("conflict: both-changed"),
    /** The sliver's owner deleted what the new base changed. */
    DELETED_IN_SLIVER("conflict: deleted-in-sliver"),
    /** The new base no longer has what the sliver's owner changed. */
    DELETED_IN_BASE("conflict: deleted-in-base"),
    /** Both sides added it, differently. */
    BOTH_ADDED("conflict: both-added"),
    /** A directory on one side and something else on the other, with changes of the sliver below it. */
    TYPE("conflict: type"),
    /** The sliver's owner replaced the directory in which the new base adds it. */
    HIDDEN("conflict: hidden"),
    /** Records that both sides changed do not go together: a uid with two names, a dependency that does not hold. */
    COUPLED("conflict: coupled");

    private final String word;

    Verdict(String word) {
        this.word = word;
    }

    /** As reports spell it. */
    public String word() {
        return word;
    }

    /** Whether a rule or the sliver's {@code onConflict} has to settle it. */
    public boolean isConflict() {
        return word.startsWith("conflict");
    }
}
