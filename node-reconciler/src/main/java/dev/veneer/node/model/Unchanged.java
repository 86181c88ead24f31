package dev.veneer.node.model;

import org.jspecify.annotations.Nullable;

/**
 * What has not changed since the pass before is the very same object, at every stage: who is given the very same objects
 * may give its result of before. (Equal ones would do too, but to compare thousands of them is most of the work.)
 */
public final class Unchanged {
    private Unchanged() {}

    /** Whether it is the very same object. */
    public static boolean isSame(@Nullable Object then, @Nullable Object now) {
        return then == now;
    }
}
