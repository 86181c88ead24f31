package dev.veneer.node.loop;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a file or anything in a directory tree changes: the sources of desired state. A path that does not exist yet,
 * a file that is replaced by a rename and a symbolic link that is pointed elsewhere are noticed, since the directories
 * above are watched too.
 */
public final class FileWatcher implements AutoCloseable {
    private final @Nullable WatcherThread thread;

    /**
     * Begins to watch.
     *
     * @param paths absolute paths of files and directories; none, and nothing is begun: a user has not many inotify
     *     instances
     * @param onChange called in the watcher's thread; quick. Several changes may be told as one
     * @throws LinuxException also {@code ENOSPC} when the user's inotify watches are used up
     */
    public FileWatcher(LinuxCalls calls, List<String> paths, Runnable onChange) throws LinuxException {
        List<String> watched = List.copyOf(paths);
        thread = watched.isEmpty()
                ? null
                : new WatcherThread("file-watcher", calls, () -> new FileWatch(calls, watched), onChange);
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.close();
        }
    }
}
