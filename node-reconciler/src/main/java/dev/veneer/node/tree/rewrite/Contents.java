package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import dev.veneer.node.tree.FileContent;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeWalker;

/** How the content of a regular file of a view is compared with that of the base's, where the sizes are the same. */
abstract class Contents {
    private final ContentHasher hasher;

    Contents(LinuxCalls calls) {
        this.hasher = new ContentHasher(calls);
    }

    abstract boolean same(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException;

    final Bytes digest(TreeWalker.Entry entry) throws LinuxException {
        return hasher.hash(entry.parent(), entry.name(), entry.stat().size);
    }

    /** By the digest that the manifest has. */
    static Contents byDigest(LinuxCalls calls) {
        return new Contents(calls) {
            @Override
            boolean same(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException {
                return digest(entry).equals(record.identity().content());
            }
        };
    }

    /** A guess for estimates, which opens no file: an equal time to the nanosecond is taken for an equal content. */
    static Contents guessed(LinuxCalls calls) {
        return new Contents(calls) {
            @Override
            boolean same(TreeWalker.Entry entry, ManifestEntry record) {
                return entry.stat().mtimeNsec == record.identity().mtimeNsec()
                        && entry.stat().mtimeSec == record.identity().mtimeSec();
            }
        };
    }

    /**
     * For a tree that was cloned from the base's: by the blocks where they are shared, else by the bytes.
     *
     * @param bases the way through the base's tree
     */
    static Contents byBlocks(LinuxCalls calls, Descent bases) {
        FileContent files = new FileContent(calls);
        SafeOpen open = new SafeOpen(calls);
        Statx found = new Statx();
        return new Contents(calls) {
            @Override
            boolean same(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException {
                int directory = bases.parentOf(entry.path());
                calls.statx(directory, entry.name(), Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, found);
                if (isUntouched(entry.stat(), found)) {
                    return true;
                }
                int own = open.regular(entry.parent(), entry.name(), found);
                try {
                    int based = open.regular(directory, entry.name(), found);
                    try {
                        return files.equal(own, based, record.identity().size());
                    } finally {
                        calls.close(based);
                    }
                } finally {
                    calls.close(own);
                }
            }
        };
    }

    /** A snapshot's inode keeps number and change time until it is changed, and nobody can set the latter. */
    private static boolean isUntouched(Statx own, Statx base) {
        return own.ino == base.ino
                && own.ctimeSec == base.ctimeSec
                && own.ctimeNsec == base.ctimeNsec
                && own.size == base.size
                && own.nlink == base.nlink;
    }
}
