package io.datawarehouse.sdk.federation;

/**
 * In which form content travels between kernels.
 *
 * @since 0.1
 */
public enum ContentForm {
  /** As it was written. */
  PLAIN,
  /**
   * As the bucket's pipeline left it, for copies that are neither decrypted nor compressed anew on
   * the way; places and lengths count stored bytes.
   */
  STORED
}
