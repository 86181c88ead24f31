package dev.veneer.api.v1alpha1;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A text that may also be written as a whole number, as quantities are: {@code x-kubernetes-int-or-string} in the CRD. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface IntOrString {
    /** The largest whole number, which the field's pattern bounds when it is written as a text. */
    long max();
}
