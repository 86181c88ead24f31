package dev.veneer.node.store;

import java.util.List;

/**
 * What a writer found and put right when it opened the store.
 *
 * @param created the store was made just now
 * @param upgradedFrom the format version that it had before, or the current one
 * @param notes what an interrupted run left and what was done about it, for people; empty after a clean end
 */
public record Recovery(boolean created, int upgradedFrom, List<String> notes) {
    public Recovery {
        notes = List.copyOf(notes);
    }
}
