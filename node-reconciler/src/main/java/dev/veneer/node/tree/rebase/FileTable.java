package dev.veneer.node.tree.rebase;

import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rewrite.ViewPath;
import org.jspecify.annotations.Nullable;

/** The verdict table of {@code docs/rebase.md}, for a path that the sliver has as something else than a directory. */
final class FileTable {
    private FileTable() {}

    /** @param renewed the new base's record, or null */
    static PathVerdict verdict(ViewPath path, @Nullable ManifestEntry renewed, BaseDifference difference)
            throws LinuxException {
        Identity own = path.identity();
        ManifestEntry old = path.base();
        if (old == null) {
            if (renewed == null) {
                return PathVerdict.KEPT;
            }
            return equals(path, renewed.identity()) ? PathVerdict.CONVERGED : PathVerdict.conflict(Verdict.BOTH_ADDED);
        }
        boolean contentChanged = !path.hasContentOfBase();
        boolean metadataChanged = !own.sameDescription(old.identity());
        if (!contentChanged && !metadataChanged) {
            return PathVerdict.FOLLOWED;
        }
        boolean wasDirectory = isDirectory(old);
        if (wasDirectory ? !difference.changes(path.path()) : renewed != null && same(old, renewed)) {
            return PathVerdict.KEPT;
        }
        if (renewed == null) {
            return PathVerdict.conflict(Verdict.DELETED_IN_BASE);
        }
        if (equals(path, renewed.identity())) {
            return PathVerdict.CONVERGED;
        }
        if (wasDirectory || isDirectory(renewed)) {
            return PathVerdict.conflict(Verdict.TYPE);
        }
        if (own.type() != renewed.identity().type()) {
            return PathVerdict.conflict(Verdict.BOTH_CHANGED);
        }
        return PathVerdict.bothChanged(
                PathVerdict.Both.of(
                        contentChanged,
                        !old.identity().sameContent(renewed.identity()),
                        sameContent(path, renewed.identity())),
                PathVerdict.Both.of(
                        metadataChanged,
                        !old.identity().sameDescription(renewed.identity()),
                        own.sameDescription(renewed.identity())));
    }

    /** Whether the sliver's owner changed it against the old base. */
    static boolean isChanged(ViewPath path) throws LinuxException {
        ManifestEntry old = path.base();
        return old == null || !path.identity().sameDescription(old.identity()) || !path.hasContentOfBase();
    }

    static boolean isDirectory(@Nullable ManifestEntry entry) {
        return entry != null && entry.identity().type() == FileType.DIRECTORY;
    }

    /** Whether two bases have a path the same; times never decide. */
    static boolean same(ManifestEntry one, ManifestEntry other) {
        return one.identity().sameDescription(other.identity())
                && one.identity().sameContent(other.identity());
    }

    private static boolean equals(ViewPath path, Identity other) throws LinuxException {
        return path.identity().sameDescription(other) && sameContent(path, other);
    }

    private static boolean sameContent(ViewPath path, Identity other) throws LinuxException {
        Identity own = path.identity();
        return (own.type() == FileType.REGULAR && other.type() == FileType.REGULAR)
                ? own.size() == other.size() && path.digest().equals(other.content())
                : own.sameContent(other);
    }
}
