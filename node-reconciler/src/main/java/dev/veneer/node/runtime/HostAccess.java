package dev.veneer.node.runtime;

import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether an agent in a pod has what it needs of the node: its processes, the right to enter their namespaces, and
 * a store that both sides see at one path, mounts in it included.
 */
final class HostAccess {
    /** What a person is to look at; the manifests that come with Veneer have all of it. */
    private static final String POD = "give the agent's pod hostPID: true and securityContext.privileged: true";

    private final Host host;
    private final HostFiles files;
    private final HostFiles own;
    private final Processes processes;
    private final String storePath;

    HostAccess(LinuxCalls calls, Host host, Processes processes, String storePath) {
        this.host = host;
        this.files = new HostFiles(calls, host);
        this.own = new HostFiles(calls, Host.HERE);
        this.processes = processes;
        this.storePath = storePath;
    }

    /** What is missing; null when nothing is, or containers belong where this process is. */
    @Nullable
    RuntimeAvailability missing() throws LinuxException {
        if (!host.problem().isEmpty()) {
            return RuntimeAvailability.missing("", host.problem(), "set it to 1, or take it away on the node itself");
        }
        if (host.process() == 0) {
            return null;
        }
        if (host.process() == ProcessHandle.current().pid()) {
            return RuntimeAvailability.missing(
                    "", "process " + host.process() + " is the agent itself and none of the node", POD);
        }
        try {
            if (!files.exists("/")) {
                return RuntimeAvailability.missing("", "there is no process " + host.process() + " of the node", POD);
            }
        } catch (LinuxException e) {
            if (!e.is(Errno.EACCES, Errno.EPERM)) {
                throw e;
            }
            return RuntimeAvailability.missing(
                    "", "the namespaces of process " + host.process() + " of the node may not be entered", POD);
        }
        return missingOfStore();
    }

    /** What a person can do when LXC's programs cannot be run although nothing is {@link #missing}. */
    String remedy() {
        return host.process() == 0
                ? "see whether lxc-start runs at all"
                : POD + "; its image needs the program nsenter of util-linux";
    }

    private @Nullable RuntimeAvailability missingOfStore() throws LinuxException {
        Statx here = new Statx();
        if (!own.look(storePath, here)) {
            // It is made by the first pass.
            return null;
        }
        Statx there = new Statx();
        if (!files.look(storePath, there) || !isSame(here, there)) {
            return RuntimeAvailability.missing(
                    "",
                    storePath + " is another directory where process " + host.process() + " is than in the agent's pod",
                    POD + ", and the store as a hostPath at the very same mountPath");
        }
        String peers = peers("self", here.mountId);
        if (peers.isEmpty() || !peers.equals(peers(Integer.toString(host.process()), there.mountId))) {
            return RuntimeAvailability.missing(
                    "",
                    "what the agent's pod mounts below " + storePath + " is not seen on the node",
                    "give the volumeMount of the store mountPropagation: Bidirectional");
        }
        return null;
    }

    /** Whether what lies at this path here lies there on the node as well. */
    boolean isSeen(String path) throws LinuxException {
        Statx here = new Statx();
        Statx there = new Statx();
        return host.process() == 0 || (own.look(path, here) && files.look(path, there) && isSame(here, there));
    }

    private static boolean isSame(Statx here, Statx there) {
        return here.ino == there.ino && here.dev() == there.dev();
    }

    /** The group of mounts that a mount shares what is mounted in it with, empty when it does not. */
    private String peers(String process, long mount) throws LinuxException {
        String table = processes.readWhole("/proc/" + process + "/mountinfo");
        return peerGroup(table == null ? "" : table, mount);
    }

    /** The same out of a table. Behind six fields come tags, and a dash after the last of them. */
    static String peerGroup(String table, long mount) {
        for (String line : table.split("\n", -1)) {
            if (line.startsWith(mount + " ")) {
                String[] fields = line.split(" ", -1);
                for (int i = 6; i < fields.length && !fields[i].equals("-"); i++) {
                    if (fields[i].startsWith("shared:")) {
                        return fields[i];
                    }
                }
            }
        }
        return "";
    }
}
