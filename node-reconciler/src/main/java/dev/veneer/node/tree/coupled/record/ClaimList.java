package dev.veneer.node.tree.coupled.record;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.coupled.Claim;
import dev.veneer.node.tree.coupled.Claims;
import dev.veneer.node.tree.merge.Conflict;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what a merger decides, each path once: the first decision stands. */
public final class ClaimList {
    /** So many paths can be one conflict. A large dpkg has 30,000 files in its database. */
    public static final int MOST_TOGETHER = 100_000;

    private final ThreeTrees trees;
    private final Resolver resolver;
    private final Map<Bytes, Claim> claims = new LinkedHashMap<>();
    private final Set<Rerun> reruns = new LinkedHashSet<>();

    public ClaimList(ThreeTrees trees, Resolver resolver) {
        this.trees = trees;
        this.resolver = resolver;
    }

    /** What was decided of a path, or null. */
    public @Nullable Claim get(Bytes path) {
        return claims.get(path);
    }

    /** The path is as a side has it. */
    public void take(Bytes path, Side side, Verdict verdict, String detail) {
        Outcome outcome = side == Side.NEW_BASE ? new Outcome.TakeNew() : new Outcome.KeepSliver();
        claims.putIfAbsent(path, new Claim(path, verdict, outcome, detail));
    }

    /** The path has the content of one side with owner, mode and attributes of the other. */
    public void mix(Bytes path, Side content, Side metadata, Verdict verdict, String detail) {
        claims.putIfAbsent(path, new Claim(path, verdict, new Outcome.Mixed(content, metadata), detail));
    }

    /**
     * The path is as a side has it, which it mostly is by itself: it is claimed only where something above it may hide
     * what the new base adds.
     */
    public void follow(Bytes path, Side side) throws LinuxException, NodeException {
        boolean added = side == Side.NEW_BASE
                && trees.newBase().find(path) != null
                && trees.oldBase().find(path) == null
                && trees.sliver().find(path) == null;
        if (added) {
            take(path, side, Verdict.FOLLOWED, "");
        }
    }

    /** No side's version of the path stays. */
    public void absent(Bytes path, Verdict verdict, String detail) {
        claims.putIfAbsent(path, new Claim(path, verdict, new Outcome.Absent(), detail));
    }

    /** Something has to be run in the sliver. */
    public void rerun(Rerun rerun) {
        reruns.add(rerun);
    }

    /** Asks what becomes of a conflict. */
    public OnConflict settle(Verdict kind, List<Bytes> paths, String detail) {
        return resolver.settle(new Conflict(kind, paths, detail));
    }

    /** The same; what is not settled goes on as the sliver's. */
    public Side settledSide(Verdict kind, List<Bytes> paths, String detail) {
        return settle(kind, paths, detail) == OnConflict.TAKE_BASE ? Side.NEW_BASE : Side.SLIVER;
    }

    /**
     * One conflict for paths that are decided together, of those that the two sides have differently.
     *
     * @throws NodeException {@code ContentRefused} when there are more than {@link #MOST_TOGETHER}
     */
    public void whole(List<Bytes> paths, Verdict kind, String detail) throws LinuxException, NodeException {
        if (!Difference.bothChanged(trees, paths)) {
            return;
        }
        if (paths.size() > MOST_TOGETHER) {
            throw new MalformedState(
                    paths.get(0), "is one of more than " + MOST_TOGETHER + " files that belong together; " + detail);
        }
        List<Bytes> apart = new ArrayList<>();
        for (Bytes path : paths) {
            if (Difference.apart(trees, path)) {
                apart.add(path);
            }
        }
        if (apart.isEmpty()) {
            return;
        }
        Side side = settledSide(kind, apart, detail);
        for (Bytes path : apart) {
            take(path, side, kind, detail);
        }
    }

    /**
     * The path is a regular file with this content, its owner and mode those of the side that changed them. Nothing is
     * claimed where the path alone would come out so, or where neither side has the file.
     */
    public void write(Bytes path, Bytes content, Verdict verdict, String detail) throws LinuxException, NodeException {
        Identity base = trees.newBase().find(path);
        Identity own = trees.sliver().find(path);
        if (base == null && own == null) {
            return;
        }
        Identity metadata = metadata(path, base, own);
        boolean asBase = holds(Side.NEW_BASE, base, path, content, metadata);
        boolean asOwn = holds(Side.SLIVER, own, path, content, metadata);
        Side alone = Difference.followed(trees.oldBase().find(path), base, own);
        if ((alone == Side.NEW_BASE && asBase) || (alone == Side.SLIVER && asOwn)) {
            return;
        }
        if (asBase) {
            take(path, Side.NEW_BASE, verdict, detail);
        } else if (asOwn) {
            take(path, Side.SLIVER, verdict, detail);
        } else {
            write(path, content, metadata, verdict, detail);
        }
    }

    /** The path is a regular file with this content and metadata. */
    public void write(Bytes path, Bytes content, Identity metadata, Verdict verdict, String detail) {
        claims.putIfAbsent(path, new Claim(path, verdict, new Outcome.Write(content, metadata), detail));
    }

    private boolean holds(Side side, @Nullable Identity version, Bytes path, Bytes content, Identity metadata)
            throws LinuxException, NodeException {
        return version != null
                && version.type() == FileType.REGULAR
                && version.size() == content.length()
                && Difference.sameMetadata(version, metadata)
                && trees.of(side).content(path, content.length()).equals(content);
    }

    private Identity metadata(Bytes path, @Nullable Identity base, @Nullable Identity own)
            throws LinuxException, NodeException {
        Identity before = trees.oldBase().find(path);
        if (base == null || own == null) {
            return Objects.requireNonNull(base != null ? base : own);
        }
        Identity later = base.mtimeSec() > own.mtimeSec() ? base : own;
        Side side = Side.SLIVER;
        if (Difference.sameMetadata(base, own) || (before != null && Difference.sameMetadata(before, own))) {
            side = Side.NEW_BASE;
        } else if (before == null || !Difference.sameMetadata(before, base)) {
            side = settledSide(Verdict.BOTH_CHANGED, List.of(path), "owner or mode");
        }
        Identity chosen = side == Side.NEW_BASE ? base : own;
        return new Identity(
                FileType.REGULAR,
                chosen.permissions(),
                chosen.uid(),
                chosen.gid(),
                later.mtimeSec(),
                later.mtimeNsec(),
                chosen.flags(),
                chosen.xattrs(),
                0,
                Bytes.EMPTY,
                Bytes.EMPTY,
                0,
                0);
    }

    /** All of it. */
    public Claims done() {
        return new Claims(List.copyOf(claims.values()), List.copyOf(reruns));
    }
}
