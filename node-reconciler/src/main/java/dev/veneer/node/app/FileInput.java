package dev.veneer.node.app;

import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.LastKnown;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.desired.SourceRules;
import dev.veneer.node.loop.DesiredInput;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredState;

/** A source of desired state, with what it may do and the node that it is read for. */
final class FileInput implements DesiredInput {
    private final DesiredStateSource source;
    private final Node node;
    private final Permissions permissions;

    FileInput(DesiredStateSource source, Node node, Permissions permissions) {
        this.source = source;
        this.node = node;
        this.permissions = permissions;
    }

    DesiredStateSource source() {
        return source;
    }

    @Override
    public DesiredState read(ActualState known) {
        LastKnown last = new LastKnown(
                known.slivers().values().stream().map(ActualSliver::record).toList(),
                known.images().values().stream().map(ActualImage::record).toList(),
                known.store());
        return SourceRules.decide(source.read(), last, node, permissions);
    }
}
