package dev.veneer.node.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One thing that keeps a base in the store.
 *
 * @param kind in what way
 * @param name of what: a sliver, a BaseImage, a base that is being worked with
 * @param revision the revision, of a sliver; else 0
 */
public record BaseUse(Kind kind, String name, int revision) {
    /** Ways in which a base is used. */
    public enum Kind {
        /** The current revision of a declared sliver. */
        SLIVER,
        /** The current revision of a sliver that is kept though no longer declared. */
        RETAINED_SLIVER,
        /** A revision that is kept for a while. */
        PREVIOUS_REVISION,
        /** A snapshot. */
        SNAPSHOT,
        /** A declared BaseImage has this content. It keeps nothing by itself: {@code retention} decides. */
        IMAGE,
        /** Work that is going on just now. */
        RUNNING
    }

    /** Whether the base cannot be removed as long as this is so. */
    public boolean holds() {
        return kind != Kind.IMAGE;
    }

    @Override
    public String toString() {
        return switch (kind) {
            case SLIVER -> "sliver " + name;
            case RETAINED_SLIVER -> "sliver " + name + ", retained";
            case PREVIOUS_REVISION -> "sliver " + name + ", its previous revision " + revision;
            case SNAPSHOT -> "sliver " + name + ", its snapshot " + revision;
            case IMAGE -> "base image " + name;
            case RUNNING -> name;
        };
    }

    /**
     * Who uses which base. Bases that nobody uses are not in the result.
     *
     * @param running bases that work is going on with, and what work, for people
     */
    public static SortedMap<Digest, List<BaseUse>> of(
            Collection<SliverRecord> slivers, Collection<ImageRecord> images, Map<Digest, String> running) {
        SortedMap<Digest, List<BaseUse>> uses = new TreeMap<>();
        for (SliverRecord sliver : slivers) {
            String name = sliver.id().toString();
            if (!sliver.dataDeleted()) {
                Kind kind = sliver.retainedAt() == null ? Kind.SLIVER : Kind.RETAINED_SLIVER;
                add(uses, sliver.baseDigest(), new BaseUse(kind, name, sliver.revision()));
            }
            for (PreviousRevision previous : sliver.previous()) {
                add(uses, previous.baseDigest(), new BaseUse(Kind.PREVIOUS_REVISION, name, previous.revision()));
            }
            for (Snapshot snapshot : sliver.snapshots()) {
                add(uses, snapshot.baseDigest(), new BaseUse(Kind.SNAPSHOT, name, snapshot.revision()));
            }
        }
        for (ImageRecord image : images) {
            Digest digest = image.digest();
            if (digest != null) {
                add(uses, digest, new BaseUse(Kind.IMAGE, image.name(), 0));
            }
        }
        running.forEach((digest, work) -> add(uses, digest, new BaseUse(Kind.RUNNING, work, 0)));
        return uses;
    }

    private static void add(SortedMap<Digest, List<BaseUse>> uses, Digest digest, BaseUse use) {
        uses.computeIfAbsent(digest, d -> new ArrayList<>()).add(use);
    }
}
