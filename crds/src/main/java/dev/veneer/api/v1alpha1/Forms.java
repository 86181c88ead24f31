package dev.veneer.api.v1alpha1;

/** Patterns, maxima and CEL rules that several fields share. Go's and Java's regular expressions read them alike. */
final class Forms {
    static final String DNS_LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    static final String DNS_SUBDOMAIN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
    static final String DIGEST = "^sha256:[0-9a-f]{64}$";
    static final String ABSOLUTE_PATH = "^/[^\\x00-\\x1f\\x7f]*$";
    static final String URL = "^(file:///|https?://[^/])[^\\x00-\\x20\\x7f]*$";
    static final String DURATION = "^([0-9]{1,9}(h|m|s))+$";
    static final String QUANTITY = "^[0-9]{1,15}([.][0-9]{1,9})?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$";
    static final String CPUS = "^([0-9]{1,4}([.][0-9]{1,3})?|[0-9]{1,7}m)$";
    static final String ID_RANGE = "^[0-9]{1,10}:[0-9]{1,10}$";
    static final String TIME =
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$";
    static final String TIME_OF_DAY = "^([01][0-9]|2[0-3]):[0-5][0-9]$";
    static final String TIME_ZONE = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$";
    static final String SCHEDULE = "^[0-9A-Za-z*?/,#-]+( [0-9A-Za-z*?/,#-]+){5,6}$";
    static final String PATH_PATTERN = "^[^\\x00-\\x1f\\x7f]+$";
    static final String NETWORK_DEVICE = "^[A-Za-z0-9][A-Za-z0-9_.-]*$";

    static final int LABEL_MAX = 63;
    static final int NODE_MAX = 253;
    static final int PATH_MAX = 1024;
    static final int URL_MAX = 2048;
    static final int DURATION_MAX = 32;
    static final int TIME_MAX = 40;
    static final int SCHEDULE_MAX = 256;
    static final int QUANTITY_MAX = 32;
    static final long QUANTITY_WHOLE = 999_999_999_999_999L;
    static final int MESSAGE_MAX = 4096;
    static final int DIGEST_MAX = 71;
    static final int UID_MAX = 64;

    /** Kubernetes itself checks that a name is a DNS subdomain; one without a dot is a label. */
    static final String NAME_RULE = "size(self.metadata.name) <= 63 && !self.metadata.name.contains('.')";

    static final String NAME_SAYS = "metadata.name must be a DNS label of at most 63 characters";

    static final String SAME_RULE = "self == oldSelf";
    static final String SAME_SAYS = "cannot be changed once the object exists";

    static final String PATH_RULE = "!self.matches('(^|/)[.][.]?(/|$)')";
    static final String PATH_SAYS = "must not have '.' or '..' as a component";

    static final String DURATION_RULE = "duration(self) <= duration('87600h')";
    static final String DURATION_SAYS = "must be at most 87600h (ten years)";

    static final String TIME_RULE = "timestamp(self) >= timestamp('2000-01-01T00:00:00Z')";
    static final String TIME_SAYS = "must be a real date and time after the year 1999";

    private Forms() {}
}
