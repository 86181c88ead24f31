package dev.veneer.node.cli;

import dev.veneer.node.model.SliverId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which sliver a command is about that is for no other kind: {@code sliver NAME [-n NAMESPACE]}. */
final class SliverArgument {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            converter = KindConverter.class,
            description = "sliver: only slivers have writable stores.")
    private Kind kind = Kind.SLIVER;

    @Parameters(index = "1", paramLabel = "NAME", description = "The sliver's name.")
    private String name = "";

    @Mixin
    private NamespaceOption namespace = new NamespaceOption();

    /** @throws ParameterException when another kind was named */
    SliverId id() {
        if (kind != Kind.SLIVER) {
            CommandSpec of = Objects.requireNonNull(command, "picocli sets it");
            throw new ParameterException(
                    of.commandLine(), "only slivers have writable stores: " + of.qualifiedName() + " sliver NAME");
        }
        return namespace.sliver(name);
    }
}
