package dev.veneer.node.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} tells: the jar's version, and the Java that runs it. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "veneer " + (version == null ? "(not packaged)" : version) + ", Java "
                    + Runtime.version().feature()
        };
    }
}
