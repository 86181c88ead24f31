package dev.veneer.node.store;

import dev.veneer.node.linux.Statx;

/**
 * By what an unchanged file or directory is recognised without reading it.
 *
 * @param ino inode number
 * @param size size in bytes
 * @param mtime modification time in nanoseconds since 1970
 * @param ctime status change time in nanoseconds since 1970
 */
record Stamp(long ino, long size, long mtime, long ctime) {
    /** Matches nothing. */
    static final Stamp NONE = new Stamp(0, -1, 0, 0);

    /** Longer than the kernel's clock tick, by which file times advance. */
    private static final long TICKS = 20_000_000;

    static Stamp of(Statx stat) {
        return new Stamp(
                stat.ino,
                stat.size,
                stat.mtimeSec * 1_000_000_000 + stat.mtimeNsec,
                stat.ctimeSec * 1_000_000_000 + stat.ctimeNsec);
    }

    /** Whether this is the stamp of something, not {@link #NONE}. */
    boolean isSettled() {
        return size >= 0;
    }

    boolean matches(Statx stat) {
        return stat.ino == ino
                && stat.size == size
                && stat.mtimeSec * 1_000_000_000 + stat.mtimeNsec == mtime
                && stat.ctimeSec * 1_000_000_000 + stat.ctimeNsec == ctime;
    }

    /** This, or {@link #NONE} when a change could still hide behind it. */
    Stamp unlessFresherThan(long now) {
        return isFresherThan(now) ? NONE : this;
    }

    /**
     * Whether another change could still come without a change of the stamp, because file times advance in ticks.
     *
     * @param now nanoseconds since 1970, taken before the file was read
     */
    boolean isFresherThan(long now) {
        return ctime > now - TICKS;
    }
}
