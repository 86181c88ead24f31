package dev.veneer.node.runtime;

/** The logs of a container. */
public enum ContainerLog {
    /** What the guest wrote to its console, from its present or last run; bounded, the oldest part is dropped. */
    CONSOLE("console.log"),
    /** What LXC itself has to say (warnings and errors). */
    LXC("lxc.log");

    private final String fileName;

    ContainerLog(String fileName) {
        this.fileName = fileName;
    }

    String fileName() {
        return fileName;
    }
}
