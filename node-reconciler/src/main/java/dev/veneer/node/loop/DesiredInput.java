package dev.veneer.node.loop;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.store.Store;

/** Where the reconciler takes the desired state from; each source of desired state is wired to it in one place. */
public interface DesiredInput {
    /**
     * Reads what is declared now.
     *
     * @param known what the store knows: last good versions, and which source declared what last
     * @throws NodeException when it cannot be read at all; what is only partly wrong is told in the result
     */
    DesiredState read(ActualState known) throws NodeException;

    /**
     * What was read is about to be acted upon: notes in the store what a later reading has to know of this one. A steady
     * pass has nothing to note.
     */
    void decided(DesiredState desired, ActualState known, Store store);
}
