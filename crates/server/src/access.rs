//! What signing in needs besides the database: slow hashing without blocking, request limits, the way to phones.

use crate::config::Config;
use crate::notify::Gateway;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use greenfort_kernel::World;
use greenfort_store::crypt::KeyRing;
use rayon::prelude::*;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use thiserror::Error;
use tokio::sync::Semaphore;

/// Shared by all requests.
pub struct Access {
    pub hasher: Hasher,
    pub limiter: Limiter,
    pub gateway: Gateway,
}

impl Access {
    /// # Errors
    /// Which setting cannot be used.
    pub fn new(config: &Config, world: &World) -> Result<Self, String> {
        Ok(Self {
            hasher: Hasher::new(config, world)?,
            limiter: Limiter::new(config, world),
            gateway: Gateway::new(config, world)?,
        })
    }
}

#[derive(Debug, Error)]
pub enum HashError {
    #[error("hashing: {0}")]
    Argon2(#[from] argon2::password_hash::Error),
    #[error("hashing was stopped")]
    Stopped,
}

/// Argon2id on blocking threads, a few at a time: a burst of sign-ins waits its turn and leaves the other requests alone.
pub struct Hasher {
    passwords: Argon2<'static>,
    pins: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// What an unknown login's password is compared with, so that it costs the same.
    nobody: Arc<str>,
    nobody_pin: Arc<str>,
    world: World,
}

impl Hasher {
    fn new(config: &Config, world: &World) -> Result<Self, String> {
        let access = &config.access;
        let argon2 = |memory, iterations| {
            Params::new(memory, iterations, 1, None)
                .map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
                .map_err(|e| format!("access: memory {memory} KiB and {iterations} iterations: {e}"))
        };
        let passwords = argon2(access.password_memory_kib, access.password_iterations)?;
        let pins = argon2(access.pin_memory_kib, access.pin_iterations)?;
        let hash =
            |with: &Argon2<'_>| hash(with, &world.bytes::<32>(), &world.bytes()).map_err(|e| e.to_string());
        Ok(Self {
            nobody: hash(&passwords)?.into(),
            nobody_pin: hash(&pins)?.into(),
            passwords,
            pins,
            turns: Arc::new(Semaphore::new(access.hashes_at_once.max(1))),
            world: world.clone(),
        })
    }

    /// # Errors
    /// Only when the program is being stopped.
    pub async fn hash_password(&self, password: &str) -> Result<String, HashError> {
        let (argon2, password, salt) = (self.passwords.clone(), password.to_owned(), self.world.bytes());
        self.in_turn(move || hash(&argon2, password.as_bytes(), &salt)).await?
    }

    /// Compares in the same time whether there is a hash or not.
    ///
    /// # Errors
    /// Only when the program is being stopped or the stored hash is none.
    pub async fn verify_password(&self, password: &str, stored: Option<&str>) -> Result<bool, HashError> {
        let known = stored.is_some();
        let stored = stored.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        let (argon2, password) = (self.passwords.clone(), password.to_owned());
        Ok(self.in_turn(move || verify(&argon2, password.as_bytes(), &stored)).await?? && known)
    }

    /// The same for a PIN: six digits alone could be guessed from a dump, so the ring's key goes in.
    ///
    /// # Errors
    /// As [`Hasher::verify_password`].
    pub async fn verify_pin(
        &self,
        keys: &KeyRing,
        badge: &str,
        pin: &str,
        stored: Option<&str>,
    ) -> Result<bool, HashError> {
        let known = stored.is_some();
        let stored = stored.map_or_else(|| Arc::clone(&self.nobody_pin), Arc::from);
        let (argon2, peppered) = (self.pins.clone(), pepper(keys, badge, pin));
        Ok(self.in_turn(move || verify(&argon2, &peppered, &stored)).await?? && known)
    }

    /// Hashes of the PINs of a whole sheet, in order: (badge secret, PIN).
    ///
    /// # Errors
    /// Only when the program is being stopped.
    pub async fn hash_pins(
        &self,
        keys: &KeyRing,
        badges: &[(String, String)],
    ) -> Result<Vec<String>, HashError> {
        let argon2 = self.pins.clone();
        let work: Vec<([u8; 16], [u8; 16])> =
            badges.iter().map(|(badge, pin)| (pepper(keys, badge, pin), self.world.bytes())).collect();
        self.in_turn(move || work.par_iter().map(|(pin, salt)| hash(&argon2, pin, salt)).collect()).await?
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| HashError::Stopped)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(|_| HashError::Stopped)
    }
}

fn pepper(keys: &KeyRing, badge: &str, pin: &str) -> [u8; 16] {
    keys.search_key("badge.pin", &format!("{badge}:{pin}"))
}

fn hash(argon2: &Argon2<'_>, secret: &[u8], salt: &[u8; 16]) -> Result<String, HashError> {
    Ok(argon2.hash_password_with_salt(secret, salt)?.to_string())
}

fn verify(argon2: &Argon2<'_>, secret: &[u8], stored: &str) -> Result<bool, HashError> {
    let stored = PasswordHash::new(stored).map_err(argon2::password_hash::Error::from)?;
    match argon2.verify_password(secret, &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// The injected clock as the limiter reads it.
#[derive(Clone)]
struct LimiterClock(World);

impl Clock for LimiterClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(u64::try_from(self.0.now().as_nanosecond()).unwrap_or(0))
    }
}

/// Requests by address, in memory: a flood is turned away before it costs a query.
pub struct Limiter {
    buckets: RateLimiter<IpAddr, DashMapStateStore<IpAddr>, LimiterClock, NoOpMiddleware<Nanos>>,
    clock: LimiterClock,
    asked: AtomicU32,
}

impl Limiter {
    fn new(config: &Config, world: &World) -> Self {
        let quota =
            Quota::per_second(config.access.requests_per_second).allow_burst(config.access.request_burst);
        let clock = LimiterClock(world.clone());
        Self {
            buckets: RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()),
            clock,
            asked: AtomicU32::new(0),
        }
    }

    /// # Errors
    /// Seconds to wait.
    pub fn check(&self, address: IpAddr) -> Result<(), u64> {
        // Full buckets are forgotten now and then, so that passers-by do not fill the memory.
        if self.asked.fetch_add(1, Ordering::Relaxed) % 10_000 == 9_999 {
            self.buckets.retain_recent();
        }
        self.buckets
            .check_key(&address)
            .map_err(|refused| refused.wait_time_from(self.clock.now()).as_secs() + 1)
    }
}
