package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * Whether a file's change time tells that nobody has written to it since it was looked at. Every change moves it and nobody can
 * set it; what remains is how fine it is, and writing through a mapping.
 */
final class ChangeTimes {
    /**
     * How long ago the last change must be: two changes within one step look like one. Change times have the steps of the
     * kernel's clock, up to 10 ms before Linux 6.13, and on an ext4 with small inodes whole seconds of it.
     */
    private static final Duration SETTLED = Duration.ofMillis(1_100);

    /** Others need not move it when a mapped page is written to: tmpfs does not, nor do FUSE's servers. */
    private static final Set<Long> TELL = Set.of(Abi.EXT4_SUPER_MAGIC, Abi.XFS_SUPER_MAGIC, Abi.BTRFS_SUPER_MAGIC);

    private ChangeTimes() {}

    /**
     * Looks at the file system of an open directory.
     *
     * @param clock tells now
     * @return a file that was changed before, and has the same change time later, was not changed in between; {@link
     *     Instant#MIN} where no file's time tells that
     */
    static Instant settled(LinuxCalls calls, int root, Clock clock) throws LinuxException {
        if (!TELL.contains(calls.fstatfs(root).type())) {
            return Instant.MIN;
        }
        Instant now = clock.instant();
        try {
            // A page that is dirty already can be written to through a mapping without a new change time; a written one
            // cannot.
            calls.syncfs(root);
        } catch (LinuxException e) {
            // Somebody's data were lost, which says nothing of this tree, but also not that all pages are clean.
            return Instant.MIN;
        }
        return now.minus(SETTLED);
    }
}
