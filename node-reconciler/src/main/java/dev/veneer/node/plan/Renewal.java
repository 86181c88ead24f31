package dev.veneer.node.plan;

import java.util.function.Function;

/**
 * That a sliver gets another revision.
 *
 * @param why for its other actions, which follow from it: {@code it is compacted}
 * @param optional the sliver is as declared without it: that it has to wait is no news
 * @param make edits the record and makes the action
 */
record Renewal(String why, boolean optional, Function<RecordEdit, Action> make) {
    /** One without which the sliver is not as it is to be. */
    Renewal(String why, Function<RecordEdit, Action> make) {
        this(why, false, make);
    }
}
