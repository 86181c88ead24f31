package dev.veneer.node.model;

import java.util.List;

/**
 * A program of the sliver's own that brings derived files up to date, to be run inside it at its next start.
 *
 * @param command program and arguments, such as {@code ldconfig}
 * @param why for people
 */
public record Rerun(List<String> command, String why) {
    public Rerun {
        command = List.copyOf(command);
    }
}
