package io.datawarehouse.kernel.keys;

/** What a key is still good for. */
public enum KeyState {
  /** It wraps what is new. */
  ACTIVE,
  /** It unwraps what it wrapped, and wraps nothing any more. */
  RETIRED,
  /** It is gone, and what it wrapped cannot be read by anybody. */
  DESTROYED
}
