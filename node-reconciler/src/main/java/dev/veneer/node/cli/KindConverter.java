package dev.veneer.node.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a {@link Kind} from the command line. */
final class KindConverter implements ITypeConverter<Kind> {
    /** What the shell completes. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Names() {
            super(Kind.plurals());
        }
    }

    @Override
    public Kind convert(String value) {
        return Kind.called(value)
                .orElseThrow(() -> new TypeConversionException("there is no kind '" + value + "'; there are "
                        + String.join(", ", List.copyOf(Kind.plurals()))));
    }
}
