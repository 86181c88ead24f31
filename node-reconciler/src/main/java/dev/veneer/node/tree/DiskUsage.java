package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fiemap;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statfs;
import dev.veneer.node.linux.Statx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Measures what a tree takes on the disk, by walking it. A file with several names is counted once. Where the file
 * system can share blocks between files, each file's extents tell what is shared; elsewhere everything is exclusive.
 *
 * <p>The tree may be in use: what vanishes meanwhile is left out. Mounts in it are not entered.
 */
public final class DiskUsage {
    private static final int BLOCK = 512;

    private final LinuxCalls calls;
    private final SafeOpen open;
    private final NameBatches reader;
    private final Fiemap fiemap;
    private final Statx stat = new Statx();
    private final Statx opened = new Statx();
    private boolean sharing;
    private long blocks;
    private long shared;
    private long inodes;

    public DiskUsage(LinuxCalls calls) {
        this.calls = calls;
        this.open = new SafeOpen(calls);
        this.reader = new NameBatches(calls);
        this.fiemap = new Fiemap(calls);
    }

    /**
     * What was measured.
     *
     * @param exclusiveBytes bytes of blocks that no other file has
     * @param sharedBytes bytes of blocks that other files, in this tree or elsewhere, have too
     * @param inodes all types of files, directories too
     */
    public record Sum(long exclusiveBytes, long sharedBytes, long inodes) {}

    /**
     * Walks one of our own directories; it is counted too.
     *
     * @param scratchDirectory path of a directory of ours that is not walked, for what does not fit into memory
     * @throws LinuxException {@code ESTALE} when a directory deep in the tree was moved meanwhile: try again later
     */
    public Sum of(String directory, String scratchDirectory) throws LinuxException {
        blocks = 0;
        shared = 0;
        inodes = 0;
        int root = open.ownDirectory(directory);
        try (DirectoryStack stack = new DirectoryStack(calls, root);
                LinkCount links = new LinkCount(calls, scratchDirectory)) {
            Statfs fileSystem = calls.fstatfs(root);
            sharing = fileSystem.type() == Abi.BTRFS_SUPER_MAGIC || fileSystem.type() == Abi.XFS_SUPER_MAGIC;
            calls.statx(root, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            inodes++;
            blocks += stat.blocks;
            walk(stack, links);
        } finally {
            calls.close(root);
        }
        long sharedBytes = Math.min(shared, blocks * BLOCK);
        return new Sum(blocks * BLOCK - sharedBytes, sharedBytes, inodes);
    }

    private void walk(DirectoryStack stack, LinkCount links) throws LinuxException {
        List<Deque<byte[]>> levels = new ArrayList<>();
        levels.add(new ArrayDeque<>());
        while (!levels.isEmpty()) {
            Deque<byte[]> directories = levels.get(levels.size() - 1);
            byte[] directory = directories.poll();
            if (directory != null) {
                if (entered(stack, directory)) {
                    levels.add(new ArrayDeque<>());
                }
            } else if (!readMore(stack, directories, links)) {
                levels.remove(levels.size() - 1);
                if (!levels.isEmpty()) {
                    stack.pop();
                }
            }
        }
    }

    private boolean entered(DirectoryStack stack, byte[] name) throws LinuxException {
        try {
            stack.push(name);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EXDEV)) {
                return false;
            }
            throw e;
        }
    }

    private boolean readMore(DirectoryStack stack, Deque<byte[]> directories, LinkCount links) throws LinuxException {
        List<byte[]> names = new ArrayList<>();
        if (!reader.batch(stack.fd(), stack.depth(), names::add)) {
            return false;
        }
        for (byte[] name : names) {
            try {
                count(stack.fd(), name, directories, links);
            } catch (LinuxException e) {
                if (!e.is(Errno.ENOENT, Errno.ENXIO, Errno.ENOTDIR, Errno.ELOOP, Errno.EXDEV)) {
                    throw e;
                }
            }
        }
        return true;
    }

    private void count(int directory, byte[] name, Deque<byte[]> directories, LinkCount links) throws LinuxException {
        LongWork.passed();
        calls.statx(directory, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
        if (stat.isMountRoot()) {
            return;
        }
        if (stat.isDirectory()) {
            directories.add(name);
        } else if (!links.isFirst(stat)) {
            return;
        }
        inodes++;
        blocks += stat.blocks;
        if (sharing && stat.isRegular() && stat.blocks > 0) {
            shared += sharedBytes(directory, name);
        }
    }

    private long sharedBytes(int directory, byte[] name) throws LinuxException {
        long[] sum = {0};
        int fd = open.regular(directory, name, opened);
        try {
            fiemap.list(fd, (logical, physical, length, isShared) -> sum[0] += isShared ? length : 0);
        } catch (LinuxException e) {
            if (!e.is(Errno.EOPNOTSUPP, Errno.ENOTTY)) {
                throw e;
            }
        } finally {
            calls.close(fd);
        }
        return sum[0];
    }
}
