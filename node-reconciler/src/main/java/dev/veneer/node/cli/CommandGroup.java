package dev.veneer.node.cli;

import java.util.List;

/** A command that only holds others. */
public interface CommandGroup extends Runnable {
    /** Instances of the classes of its commands, in the order of the help. */
    List<Object> commands();
}
