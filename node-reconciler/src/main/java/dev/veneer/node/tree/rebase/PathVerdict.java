package dev.veneer.node.tree.rebase;

import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.Verdict;

/**
 * One row of the verdict table.
 *
 * @param verdict what was found
 * @param outcome what follows; of a conflict, what keeping the sliver's version means
 */
record PathVerdict(Verdict verdict, Outcome outcome) {
    private static final Outcome NEW = new Outcome.TakeNew();
    private static final Outcome SLIVER = new Outcome.KeepSliver();

    static final PathVerdict FOLLOWED = new PathVerdict(Verdict.FOLLOWED, NEW);
    static final PathVerdict CONVERGED = new PathVerdict(Verdict.CONVERGED, NEW);
    static final PathVerdict KEPT = new PathVerdict(Verdict.KEPT, SLIVER);

    static PathVerdict conflict(Verdict kind) {
        return new PathVerdict(kind, SLIVER);
    }

    /**
     * Of a path that the old base, the new base and the sliver have, as something of one type, and that both sides
     * changed. Content and metadata are separate questions.
     *
     * @param content what the sliver and the new base did to the content
     * @param metadata and to owner, mode, attributes and flags
     */
    static PathVerdict bothChanged(Both content, Both metadata) {
        if (content == Both.DIFFERENTLY || metadata == Both.DIFFERENTLY) {
            return conflict(Verdict.BOTH_CHANGED);
        }
        Side contentSide = content == Both.SLIVER ? Side.SLIVER : Side.NEW_BASE;
        Side metadataSide = metadata == Both.SLIVER ? Side.SLIVER : Side.NEW_BASE;
        if (contentSide != metadataSide) {
            return new PathVerdict(Verdict.MERGED, new Outcome.Mixed(contentSide, metadataSide));
        }
        if (contentSide == Side.SLIVER) {
            return new PathVerdict(Verdict.MERGED, SLIVER);
        }
        boolean alike = content != Both.NEW_BASE && metadata != Both.NEW_BASE;
        return alike ? CONVERGED : new PathVerdict(Verdict.MERGED, NEW);
    }

    /** What the two sides did to one aspect of a path. */
    enum Both {
        NEITHER,
        SLIVER,
        NEW_BASE,
        ALIKE,
        DIFFERENTLY;

        static Both of(boolean sliverChanged, boolean baseChanged, boolean same) {
            if (!sliverChanged) {
                return baseChanged ? NEW_BASE : NEITHER;
            }
            if (!baseChanged) {
                return SLIVER;
            }
            return same ? ALIKE : DIFFERENTLY;
        }
    }
}
