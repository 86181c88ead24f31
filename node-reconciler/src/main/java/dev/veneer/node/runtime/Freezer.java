package dev.veneer.node.runtime;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.time.Duration;

/**
 * Holds containers still for a while, with LXC's freezer. A file marks each that may be held, from before until after,
 * so that none stays held when this process is killed meanwhile.
 */
final class Freezer {
    private static final byte[] MARK = {};
    private static final Duration ENDING = Duration.ofSeconds(10);

    private final ContainerFiles files;
    private final ContainerObserver observer;
    private final LxcCommands lxc;
    private final Processes processes;
    private final ControlGroups groups;

    /** Whether there may be marks: until it was looked, a process before this one may have left some. */
    private volatile boolean mayBeMarked = true;

    Freezer(
            ContainerFiles files,
            ContainerObserver observer,
            LxcCommands lxc,
            Processes processes,
            ControlGroups groups) {
        this.files = files;
        this.observer = observer;
        this.lxc = lxc;
        this.processes = processes;
        this.groups = groups;
    }

    void freeze(String name) throws IOException, NodeException {
        mayBeMarked = true;
        files.write(name, ContainerFiles.FROZEN, MARK);
        Programs.Result result = lxc.freeze(name);
        if (result.exit() != 0) {
            thaw(name);
            throw failed("held still", name, result);
        }
    }

    void thaw(String name) throws IOException, NodeException {
        Programs.Result result = lxc.unfreeze(name);
        if (result.exit() != 0 && observer.ask(name) != null) {
            throw failed("let go on", name, result);
        }
        files.remove(name, ContainerFiles.FROZEN);
    }

    /** Thaws what is marked; one that cannot be thawed keeps its mark, and the others are thawed all the same. */
    void thawMarked() throws IOException, NodeException {
        if (!mayBeMarked) {
            return;
        }
        IOException unreadable = null;
        NodeException failure = null;
        for (String name : files.names()) {
            try {
                if (files.stamp(name, ContainerFiles.FROZEN) != null) {
                    // Who marked it was killed, but not the command that it ran, which would hold it after this. Killed
                    // before it has told the monitor, it leaves a container held that LXC takes for one that runs.
                    for (String stage : lxc.freezing(name)) {
                        processes.endAll(stage, ENDING);
                    }
                    groups.thaw(name);
                    thaw(name);
                }
            } catch (NodeException e) {
                failure = e;
            } catch (IOException e) {
                unreadable = e;
            }
        }
        if (unreadable != null) {
            throw unreadable;
        }
        if (failure != null) {
            throw failure;
        }
        mayBeMarked = false;
    }

    private static NodeException failed(String what, String name, Programs.Result result) {
        return new NodeException(
                Reason.ContainerFailed,
                Follow.RETRY,
                "container " + name + " could not be " + what + ": status " + result.exit() + " "
                        + ConfigPolicy.quote(result.output().strip()));
    }
}
