package dev.veneer.node.cli;

import java.util.List;

/** Which commands there are, each wired to what does its work. The work's classes are loaded when it is asked for. */
final class Commands {
    private Commands() {}

    static List<Object> wired() {
        return List.of();
    }
}
