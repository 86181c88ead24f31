package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
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
abstract class Contents implements AutoCloseable {
    private final LinuxCalls calls;
    private final ContentHasher hasher;

    Contents(LinuxCalls calls) {
        this.calls = calls;
        this.hasher = new ContentHasher(calls);
    }

    abstract boolean same(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException;

    Bytes digest(TreeWalker.Entry entry) throws LinuxException {
        return hasher.hashOnly(entry.parent(), entry.name(), entry.stat().size);
    }

    /** Closes what it opened of the base. */
    @Override
    public void close() {}

    /** By the digest that the manifest has. */
    static Contents byDigest(LinuxCalls calls) {
        return new Contents(calls) {
            @Override
            boolean same(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException {
                return digest(entry).equals(record.identity().content());
            }
        };
    }

    /** The same beside programs: what they take away while it is looked at is like nothing else. */
    static Contents besides(Contents contents) {
        return new Contents(contents.calls) {
            @Override
            boolean same(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException {
                try {
                    return contents.same(entry, record);
                } catch (LinuxException e) {
                    return ifGone(e, false);
                }
            }

            @Override
            Bytes digest(TreeWalker.Entry entry) throws LinuxException {
                try {
                    return contents.digest(entry);
                } catch (LinuxException e) {
                    return ifGone(e, Bytes.EMPTY);
                }
            }
        };
    }

    private static <T> T ifGone(LinuxException e, T instead) throws LinuxException {
        if (TreeWalker.isAbsence(e) || e.is(Errno.ENXIO)) {
            return instead;
        }
        throw e;
    }

    /** The base's own files, which an untouched view or clone shows. */
    private static final class BaseFiles {
        private final LinuxCalls calls;
        private final Descent bases;
        private final Statx found = new Statx();

        /** @param tree the base's tree, open; stays the caller's */
        BaseFiles(LinuxCalls calls, int tree) {
            this.calls = calls;
            this.bases = new Descent(calls, tree);
        }

        /** The directory of the base that holds a path of this name, whose status is then {@code found}. */
        int look(TreeWalker.Entry entry) throws LinuxException {
            int directory = bases.parentOf(entry.path());
            calls.statx(directory, entry.name(), Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, found);
            return directory;
        }

        /** Whether what is seen is the base's own file; false also where the base cannot be asked. */
        boolean shows(TreeWalker.Entry entry) throws LinuxException {
            try {
                look(entry);
                return isUntouched(entry.stat(), found);
            } catch (LinuxException e) {
                return isBad(e) ? false : ifGone(e, false);
            }
        }
    }

    /** Whether the disk no longer gives what it had. */
    private static boolean isBad(LinuxException e) {
        return e.is(Errno.EIO, Errno.EUCLEAN);
    }

    /**
     * By the digest that the manifest has, in an overlay's view over the base. What it shows of the base itself is as in the
     * base whatever that reads as, and is not read: most of a view is.
     *
     * @param baseTree the base's tree, open
     */
    static Contents byDigestOfView(LinuxCalls calls, int baseTree) {
        Contents own = byDigest(calls);
        BaseFiles files = new BaseFiles(calls, baseTree);
        return new Contents(calls) {
            @Override
            boolean same(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException {
                return files.shows(entry) || own.same(entry, record);
            }

            @Override
            public void close() {
                files.bases.close();
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
     * By the base's own file: by the blocks where they are shared, else by the bytes. For what is dropped in favour of the
     * base's, which perhaps nobody has read since it was imported: what that file holds now counts, whatever the manifest
     * says of it.
     *
     * @param baseTree the base's tree, open
     * @param known what need not be compared again
     */
    static Contents byBytes(LinuxCalls calls, int baseTree, EqualContents known) {
        FileContent contents = new FileContent(calls);
        SafeOpen open = new SafeOpen(calls);
        BaseFiles files = new BaseFiles(calls, baseTree);
        Statx opened = new Statx();
        return new Contents(calls) {
            @Override
            boolean same(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException {
                if (known.holds(entry)) {
                    return true;
                }
                try {
                    int directory = files.look(entry);
                    if (isUntouched(entry.stat(), files.found)) {
                        return true;
                    }
                    // One that is longer would be equal as far as the other goes.
                    if (!files.found.isRegular()
                            || files.found.size != record.identity().size()
                            || !hasBytesOf(entry, directory)) {
                        return false;
                    }
                } catch (LinuxException e) {
                    if (isBad(e)) {
                        // Whose disk is it? The sliver's own file must be readable whatever becomes of the base's.
                        digest(entry);
                        return false;
                    }
                    return ifGone(e, false);
                }
                known.note(entry);
                return true;
            }

            private boolean hasBytesOf(TreeWalker.Entry entry, int directory) throws LinuxException {
                int own = open.regular(entry.parent(), entry.name(), opened);
                try {
                    int based = open.file(directory, entry.name());
                    try {
                        return contents.equal(own, based, files.found.size);
                    } finally {
                        calls.close(based);
                    }
                } finally {
                    calls.close(own);
                }
            }

            @Override
            public void close() {
                files.bases.close();
            }
        };
    }

    /** An inode keeps number and change time, in a snapshot and in an overlay's view, until it is changed, and nobody can set the latter. */
    private static boolean isUntouched(Statx own, Statx base) {
        return own.ino == base.ino
                && own.ctimeSec == base.ctimeSec
                && own.ctimeNsec == base.ctimeNsec
                && own.size == base.size
                && own.nlink == base.nlink;
    }
}
