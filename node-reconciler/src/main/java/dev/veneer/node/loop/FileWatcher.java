package dev.veneer.node.loop;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.util.List;

/**
 * Tells when a file or anything in a directory tree changes: the sources of desired state. A path that does not exist yet,
 * a file that is replaced by a rename and a symbolic link that is pointed elsewhere are noticed, since the directories
 * above are watched too.
 */
public final class FileWatcher implements AutoCloseable {
    private final WatcherThread thread;

    /**
     * Begins to watch.
     *
     * @param paths absolute paths of files and directories
     * @param onChange called in the watcher's thread; quick. Several changes may be told as one
     * @throws LinuxException also {@code ENOSPC} when the user's inotify watches are used up
     */
    public FileWatcher(LinuxCalls calls, List<String> paths, Runnable onChange) throws LinuxException {
        List<String> watched = List.copyOf(paths);
        thread = new WatcherThread("file-watcher", calls, () -> new FileWatch(calls, watched), onChange);
    }

    @Override
    public void close() {
        thread.close();
    }
}
