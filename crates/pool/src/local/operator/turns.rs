use crate::error::Result;
use crate::ids::PoolId;
use crate::local::Local;
use crate::pace::{Pace, Turn, Turns};
use crate::seal::{Context, Purpose};
use async_trait::async_trait;

impl Local {
    /// Whether other nodes may work on the same records.
    pub fn has_other_nodes(&self) -> bool {
        self.store().is_shared()
    }
}

#[async_trait]
impl Turns for Local {
    async fn take_turn(&self, limit: &str, key: &str, pace: Pace) -> Result<Turn> {
        let subject = format!("{limit} {key}");
        let context =
            Context { purpose: Purpose::Turns, pool: &PoolId::from(""), subject: &subject };
        let key = self.sealer().pseudonym(context);
        Ok(self.store().take_turn(&key, pace, self.now()).await?)
    }
}
