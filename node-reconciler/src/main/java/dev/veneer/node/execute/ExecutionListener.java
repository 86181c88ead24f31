package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.image.ImportProgress;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Phase;
import java.util.List;

/** Hears how a plan's execution goes on. Called from several threads. */
public interface ExecutionListener {
    /** Hears nothing. */
    ExecutionListener NONE = new ExecutionListener() {};

    /** A phase begins with so many actions. */
    default void phase(Phase phase, int actions) {}

    /** An import goes on. */
    default void importing(Action.ImportImage action, ImportProgress progress) {}

    /** Slivers are being rewritten: how far each is, some times a second. By a thread of its own, never two at once. */
    default void working(List<Working> now) {}

    /** One of the actions that take long begins. */
    default void begins(Action action) {}

    /** An action ended. */
    default void ended(ActionResult result) {}

    /** Something harmless of an object that is gone could not be removed. */
    default void leftover(ObjectRef object, NodeException why) {}
}
