package dev.veneer.node.desired;

import dev.veneer.node.model.ObjectRef;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place that declares objects: a set of paths, and whatever else is added later. Reading says what is there and what is
 * wrong with it; what follows from that is decided by {@link SourceRules}, the same for every source.
 *
 * <p>A source keeps what it has read, so that reading again costs little when little has changed. One thread at a time.
 */
public interface DesiredStateSource {
    /**
     * A short name that stays the same as long as it is the same source: small letters, digits and {@code -}, at most 63. The
     * store keeps it with each object, and only objects of this source are ever taken away by it.
     */
    String id();

    /** What makes it this source, for people: the paths, one a line. */
    String identity();

    /**
     * Reads everything that is declared now. Never throws for what it finds: problems are part of the reading. When nothing has
     * changed since the last reading, the very same object is returned.
     */
    Reading read();

    /**
     * What the last reading was made of, for the store to keep, so that an agent that is started while this source is out of
     * reach knows it; null where the source is always there. The very same object as long as nothing has changed.
     */
    default @Nullable Map<ObjectRef, String> toKeep() {
        return null;
    }

    /** Told once changes are watched for: what was read before that may have changed unseen, and is looked at once more. */
    default void watching() {}

    /** Forgets what it keeps of earlier readings, so that the next one looks at everything again. */
    void forget();
}
