package dev.veneer.node.plan;

import java.util.function.Function;

/**
 * That a sliver gets another revision.
 *
 * @param why for its other actions, which follow from it: {@code it is compacted}
 * @param make edits the record and makes the action
 */
record Renewal(String why, Function<RecordEdit, Action> make) {}
